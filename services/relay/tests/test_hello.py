"""Hello, cursors, sync: every gap is closed exactly once."""

import asyncio

import aiohttp
import pytest

from services.relay.tests.cluster import Cluster
from shared.plumbing import failpoints
from shared.wire.frames import ErrorFrame
from shared.wire.messages import MessageFrame


async def test_resume_replays_each_missed_message_once(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    await ann.send("bob", "one")
    await bob.receive(MessageFrame)
    await bob.disconnect()
    await ann.send("bob", "two", "three")
    await ann.acknowledged()
    await bob.connect()
    assert bob.cursors["ann"] == 1
    await ann.send("bob", "four")
    assert await bob.caught_up("ann", 4) == ["one", "two", "three", "four"]


async def test_a_gap_of_many_pages_is_replayed_in_order_while_new_messages_arrive(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    texts = [f"message {number}" for number in range(700)]
    await ann.send("bob", *texts)
    await ann.acknowledged()
    bob = cluster.socket("bob", "relay-2")
    await bob.connect(cursors={"ann": 0})
    more = [f"meanwhile {number}" for number in range(100)]
    await ann.send("bob", *more)
    await ann.acknowledged()
    assert await bob.caught_up("ann", 800) == texts + more


async def test_a_user_may_move_between_nodes_while_messages_fly(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = cluster.socket("bob", "relay-1")
    bob.cursors = {"ann": 0}
    texts: list[str] = []
    for move in range(6):
        bob.unix_path = cluster.path(f"relay-{move % 2 + 1}")
        await bob.connect()
        part = [f"{move}.{number}" for number in range(20)]
        await ann.send("bob", *part)
        texts += part
        if move % 2:
            await ann.acknowledged()
    assert await bob.caught_up("ann", 120) == texts


async def test_a_thread_without_a_cursor_starts_at_its_head(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    await ann.send("bob", "before")
    await ann.acknowledged()
    bob = await cluster.connect("bob", "relay-2")
    await ann.send("bob", "after")
    assert await bob.caught_up("ann", 2) == ["after"]


async def test_a_cursor_ahead_is_an_error_and_starts_at_the_head(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    await ann.send("bob", "one")
    await ann.acknowledged()
    bob = cluster.socket("bob", "relay-2")
    await bob.connect(cursors={"ann": 99})
    (error,) = await bob.receive(ErrorFrame)
    assert error.problem.code == "cursor-ahead"
    assert error.problem.errors[0].pointer == "/cursors/ann"
    await ann.send("bob", "two")
    assert await bob.caught_up("ann", 2) == ["two"]


async def test_names_in_a_hello_that_nobody_has_are_named(cluster: Cluster) -> None:
    await cluster.sign_up("eve")
    ann = cluster.socket("ann")
    await ann.connect(cursors={"nobody": 3, "eve": 0, "bob": 2, "no such name": 1})
    errors = await ann.receive(ErrorFrame, 3)
    assert {(error.problem.code, error.problem.errors[0].pointer) for error in errors} == {
        ("not-found", "/cursors/nobody"),
        ("not-found", "/cursors/no such name"),
        ("cursor-ahead", "/cursors/bob"),
    }


async def test_a_name_may_be_written_in_any_case(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    await ann.send("BOB", "one")
    await ann.acknowledged()
    bob = cluster.socket("bob")
    await bob.open("/messages/ANN")
    bob.cursors = {"ann": 0}
    await bob.say({"type": "hello", "cursors": {"Ann": 0}})
    assert await bob.caught_up("ann", 1) == ["one"]


async def test_sync_replays_from_where_it_says(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    await ann.send("bob", "one", "two", "three")
    await ann.acknowledged()
    bob = await cluster.connect("bob", "relay-2")
    await bob.sync("ann", 1)
    assert await bob.caught_up("ann", 3) == ["two", "three"]
    await bob.sync("ann", 0)
    assert await bob.caught_up("ann", 3) == ["two", "three", "one", "two", "three"]
    await ann.send("bob", "four")
    assert (await bob.caught_up("ann", 4))[-1] == "four"


async def test_sync_ahead_of_the_log_is_an_error(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    await ann.send("bob", "one")
    await ann.acknowledged()
    for name in ("bob", "nobody", "ann"):
        await ann.say({"type": "sync", "thread": name, "after": 50})
    codes = [frame.problem.code for frame in await ann.receive(ErrorFrame, 3)]
    assert codes == ["cursor-ahead", "not-found", "not-found"]
    await ann.send("bob", "two")
    await ann.acknowledged()


async def test_sync_of_a_thread_that_nobody_has_written_in_is_quiet(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    await ann.say({"type": "sync", "thread": "bob", "after": 0})
    await ann.send("bob", "one")
    await ann.acknowledged()
    assert ann.cursors["bob"] == 1


async def test_all_sockets_of_both_people_get_every_message(cluster: Cluster) -> None:
    sockets = [
        await cluster.connect(name, node) for name in ("ann", "bob") for node in ("relay-1", "relay-2")
    ]
    sockets.append(await cluster.connect("ann", "relay-1"))
    await sockets[0].send("bob", "one", "two")
    await sockets[2].send("ann", "three")
    for socket in sockets:
        peer = "bob" if socket.username == "ann" else "ann"
        assert sorted(await socket.caught_up(peer, 3)) == ["one", "three", "two"]


async def test_a_thread_with_nobody_is_refused_before_the_upgrade(cluster: Cluster) -> None:
    for name in ("nobody", "ann", "ANN", "x%20y"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await cluster.socket("ann").open(f"/messages/{name}")
        assert caught.value.status == 404


async def test_a_hello_that_is_not_answered_in_time_closes_with_1013_and_leaves_no_files(
    cluster: Cluster,
) -> None:
    """While it waits its socket is not read, so nothing else would tell that the browser is gone."""
    await cluster.stop("relay-1")
    await cluster.start("relay-1", welcome_within_s=0.5)
    patient, gone = cluster.socket("ann"), cluster.socket("bob")
    failpoints.arm("relay.before_heads=sleep:60")
    try:
        for socket in (patient, gone):
            await socket.open()
            await socket.say({"type": "hello"})
        await gone.disconnect()
        assert await patient.closed(within_s=3) == 1013
        async with asyncio.timeout(3):
            while cluster.node("relay-1").connections:
                await asyncio.sleep(0.01)
    finally:
        failpoints.arm("")
