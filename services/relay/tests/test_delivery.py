"""Messages between two people on whatever nodes, through real auth, threads and Valkey."""

import asyncio

import pytest

from services.relay.log.calls import Calls
from services.relay.tests.cluster import Cluster
from shared.wire.frames import Rejected, Welcome
from shared.wire.log_calls import Deliveries
from shared.wire.messages import MessageFrame


async def test_a_message_reaches_both_people_on_different_nodes(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    await ann.send("bob", "one", "two")
    assert [frame.text for frame in await ann.receive(MessageFrame, 2)] == ["one", "two"]
    got = await bob.receive(MessageFrame, 2)
    assert [(frame.thread, frame.seq, frame.text) for frame in got] == [("ann", 1, "one"), ("ann", 2, "two")]
    assert not ann.unsent


async def test_the_welcome_names_each_thread_with_its_head(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    await ann.send("bob", "one", "two", "three")
    await ann.acknowledged()
    bob = cluster.socket("bob", "relay-2")
    welcome: Welcome = await bob.connect()
    assert welcome.username == "bob"
    assert welcome.threads["ann"].head == 3
    assert welcome.threads["ann"].display_name == "Ann"
    assert welcome.threads["ann"].online


async def test_of_one_person_two_pages_of_replay_are_under_way(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await cluster.connect("bob", "relay-2")
    await bob.send("ann", *[f"message {number}" for number in range(20)])
    await bob.acknowledged()
    deliveries, under_way, most = Calls.deliveries, 0, 0

    async def counted(calls: Calls, thread: int, members: tuple[int, int], after: int) -> Deliveries:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            await asyncio.sleep(0.05)
            return await deliveries(calls, thread, members, after)
        finally:
            under_way -= 1

    await cluster.stop("relay-1")
    monkeypatch.setattr(Calls, "deliveries", counted)
    await cluster.start("relay-1")
    sockets = [cluster.socket("ann", "relay-1") for _ in range(8)]
    for socket in sockets:
        await socket.connect(cursors={"bob": 0})
    for socket in sockets:
        await socket.caught_up("bob", 20)
    assert most == 2


async def test_who_has_stored_all_they_may_is_told_so_for_good(cluster: Cluster) -> None:
    await cluster.stop("threads")
    await cluster.start("threads", quota_mb=1)
    ann = await cluster.connect("ann")
    await ann.send("bob", *["\U0001f600" * 4000] * 70)
    await ann.acknowledged(within_s=20)
    async with asyncio.timeout(
        60
    ):  # what is stored is counted by the indexer, which waits while others are busy
        while not (rejected := [frame for frame in ann.frames if isinstance(frame, Rejected)]):
            await ann.send("bob", "one more")
            await asyncio.sleep(0.2)
    assert (rejected[0].problem.code, rejected[0].problem.retry) == ("over-quota", False)
    assert rejected[0].problem.detail.startswith("You have stored 1 MB")
