"""The link breaks, threads goes away and comes back: everything acknowledged is stored once, in order."""

import asyncio
from uuid import UUID

from services.relay.node import Node
from services.relay.tests.cluster import Cluster
from shared.plumbing import failpoints
from shared.wire.frames import Rejected, Welcome
from shared.wire.messages import MessageFrame


def cut(node: Node) -> None:
    """Resets the link's connection, if there is one just now."""
    if node.link._connection is not None:
        node.link._connection.abort()


async def test_sends_survive_a_restart_of_threads(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    texts = [f"message {number}" for number in range(60)]
    await ann.send("bob", *texts[:20])
    await cluster.stop("threads")
    await ann.send("bob", *texts[20:40])
    await cluster.start("threads")
    await ann.send("bob", *texts[40:])
    await ann.acknowledged(within_s=15)
    assert await bob.caught_up("ann", 60) == texts
    assert ann.texts["bob"] == texts


async def test_a_link_that_is_cut_again_and_again_repeats_nothing_and_loses_nothing(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    texts = [f"message {number}" for number in range(100)]
    for number, text in enumerate(texts):
        await ann.send("bob", text)
        if number % 10 == 5:
            for node in ("relay-1", "relay-2"):
                cut(cluster.node(node))
    await ann.acknowledged(within_s=15)
    assert await bob.caught_up("ann", 100) == texts
    assert ann.texts["bob"] == texts


async def test_an_answer_that_is_lost_gives_the_same_seq_and_no_second_row(cluster: Cluster) -> None:
    """threads commits, and the relay fails before it has read the answer."""
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-1")
    await ann.send("bob", "first")
    await ann.acknowledged()
    failpoints.arm("relay.link_answer=error@1")
    try:
        await ann.send("bob", "one", "two")
        await ann.acknowledged(within_s=15)
    finally:
        failpoints.arm("")
    assert await bob.caught_up("ann", 3) == ["first", "one", "two"]
    await ann.send("bob", "three")
    assert await bob.caught_up("ann", 4) == ["first", "one", "two", "three"]


async def test_a_node_without_a_link_is_not_ready_and_refuses_nobody(cluster: Cluster) -> None:
    await cluster.stop("threads")
    link = cluster.node("relay-1").link
    async with asyncio.timeout(10):
        while link.up:
            await asyncio.sleep(0.01)
    ann = cluster.socket("ann")
    await ann.open()
    await ann.say({"type": "hello"})
    await cluster.start("threads")
    await ann.receive(Welcome)


async def test_a_frozen_threads_is_noticed_by_its_beats(cluster: Cluster) -> None:
    """No beat for 3 s: the link is replaced, and sends in flight are repeated."""
    ann = await cluster.connect("ann", "relay-1")
    node = cluster.node("relay-1")
    before = node.link._connection
    failpoints.arm("threads.before_beat=sleep:4@1")
    try:
        async with asyncio.timeout(10):
            while node.link._connection is before:
                await asyncio.sleep(0.05)
    finally:
        failpoints.arm("")
    await ann.send("bob", "one")
    await ann.acknowledged()
    assert [frame.text for frame in await ann.receive(MessageFrame)] == ["one"]


async def test_who_is_known_here_can_be_written_to_while_auth_is_away_and_threads_is_new(
    cluster: Cluster,
) -> None:
    """Otherwise whatever threads stored before it died would be rejected when it is sent again."""
    ann = await cluster.connect("ann", path="/messages/bob")
    [id] = await ann.send("bob", "one")
    await ann.acknowledged()
    for program in ("auth", "threads"):
        await cluster.stop(program)
    await cluster.start("threads")
    await ann.send("bob", "one", client_id=UUID(id))
    await ann.send("bob", "two")
    await ann.acknowledged()
    assert [frame.text for frame in await ann.receive(MessageFrame, 3)] == ["one", "one", "two"]
    assert not [frame for frame in ann.frames if isinstance(frame, Rejected)]
