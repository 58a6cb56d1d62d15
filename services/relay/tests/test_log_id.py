"""A restored backup is another log."""

import asyncio
from typing import Any

import asyncpg
import msgspec
import pytest

from services.relay.log.calls import Calls
from services.relay.names import Names
from services.relay.tests.cluster import Cluster
from shared.plumbing import failpoints
from shared.wire.log import Head, Hinted, StreamEntry
from shared.wire.log_calls import HeadsAnswer
from shared.wire.problems import Unavailable


async def restore(cluster: Cluster) -> str:
    """As after a restore: threads starts with another log id, which is returned."""
    await cluster.stop("threads")
    connection = await asyncpg.connect(cluster.database_url)
    log = await connection.fetchval("UPDATE threads.settings SET log = gen_random_uuid() RETURNING log")
    await connection.close()
    await cluster.start("threads")
    return str(log)


async def test_when_the_log_is_another_one_everybody_says_hello_again(cluster: Cluster) -> None:
    ann = cluster.socket("ann", "relay-1")
    before = await ann.connect()
    await ann.send("bob", "one", "two")
    await ann.acknowledged()
    log = await restore(cluster)
    assert await ann.closed() == 1012
    welcome = await ann.connect(cursors={"bob": 0})
    assert welcome.log == log != before.log
    assert (await ann.caught_up("bob", 2))[-2:] == ["one", "two"]


async def test_a_hello_in_which_the_log_becomes_another_one_is_answered_with_that(cluster: Cluster) -> None:
    """The heads it has read are of the old log: the hub would drop anything new below them."""
    bob = await cluster.connect("bob", "relay-2")
    await bob.send("ann", "one", "two")
    await bob.acknowledged()
    node, ann = cluster.node("relay-1"), cluster.socket("ann", "relay-1")
    failpoints.arm("relay.before_welcome=sleep:60@1")
    try:
        connecting = asyncio.create_task(ann.connect(cursors={"bob": 0}))
        while not failpoints.arrivals("relay.before_welcome"):
            await asyncio.sleep(0.005)
        log = await restore(cluster)
        async with asyncio.timeout(10):
            while node.calls.log_id != log:
                await asyncio.sleep(0.01)
        assert not connecting.done()
    finally:
        failpoints.arm("")
    assert (await connecting).log == log
    assert await ann.caught_up("bob", 2) == ["one", "two"]


async def test_what_comes_of_another_log_is_not_shown(cluster: Cluster) -> None:
    """A hint and a beat of before, or from a threads process that knows it already."""
    ann, node = await cluster.connect("ann", "relay-1"), cluster.node("relay-1")
    await ann.send("bob", "one")
    await ann.acknowledged()
    [thread] = node.hub.threads.values()
    raw = msgspec.Raw(b"{}")
    node.entry(StreamEntry([Hinted(thread.id, 2, thread.low, thread.high, raw, raw)], [], "another"))
    assert not node.beat([Head(thread.id, thread.low, thread.high, 2)], "another")
    assert (thread.head, thread.top) == (1, 1)
    assert node.beat([], node.calls.log_id)


async def test_a_part_of_the_log_that_is_gone_is_noticed_and_nobody_goes_on_from_it(cluster: Cluster) -> None:
    """As after a snapshot of the disk was brought back: the same server, the same timeline, fewer events."""
    ann, bob = await cluster.connect("ann", "relay-1"), await cluster.connect("bob", "relay-2")
    before = cluster.node("relay-1").calls.log_id
    await ann.send("bob", "one", "two", "three")
    await ann.acknowledged()
    assert (await bob.caught_up("ann", 3))[-1] == "three"
    connection = await asyncpg.connect(cluster.database_url, server_settings={"search_path": "threads"})
    await connection.execute(
        "DELETE FROM events WHERE seq > 1; UPDATE threads SET head = 1, last_message = 1"
    )
    await connection.close()
    await cluster.node("relay-1").compare()
    assert await ann.closed() == await bob.closed() == 1012
    welcome = await ann.connect(cursors={"bob": 0})
    assert welcome.log != before
    assert (await ann.caught_up("bob", 1))[3:] == ["one"]
    await ann.send("bob", "new")
    await ann.acknowledged()
    await bob.connect(cursors={"ann": 0})
    assert (await bob.caught_up("ann", 2))[-2:] == ["one", "new"]
    log = cluster.node("relay-1").calls.log_id
    for name in ("relay-1", "relay-2"):
        await cluster.node(name).compare()
        assert cluster.node(name).calls.log_id == log


class Threads:
    """Answers when a test says, with the log that a test says."""

    def __init__(self) -> None:
        self.answers: list[asyncio.Future[HeadsAnswer]] = []

    async def call(self, *_: Any, **__: Any) -> HeadsAnswer:
        self.answers.append(asyncio.get_running_loop().create_future())
        return await self.answers[-1]

    def say(self, number: int, log: str) -> None:
        self.answers[number].set_result(HeadsAnswer(log, []))


async def test_an_answer_of_the_log_before_that_comes_late_does_not_bring_it_back() -> None:
    threads, others = Threads(), []
    peer: Any = threads
    calls = Calls(peer, peer, Names(), lambda: others.append(calls.log_id))
    asking = [asyncio.create_task(calls.heads([1])) for _ in range(2)]
    await asyncio.sleep(0)
    threads.say(0, "first")
    assert (await asking[0]).log == calls.log_id == "first"
    asking.append(asyncio.create_task(calls.heads([1])))
    asking.append(asyncio.create_task(calls.heads([1])))
    await asyncio.sleep(0)
    threads.say(2, "second")
    await asking[2]
    threads.say(3, "first")
    with pytest.raises(Unavailable):
        await asking[3]
    assert calls.log_id == "second"
    assert others == ["second"]
    asking[1].cancel()
