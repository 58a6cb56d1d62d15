"""Slow readers: their queue is dropped and their order kept, nobody else waits, and memory stays bounded."""

import asyncio

from services.relay.connection import Connection
from services.relay.tests.cluster import Cluster
from services.relay.transport.framing import CLOSE
from services.relay.transport.socket import MAX_QUEUED_BYTES, MAX_QUEUED_EVENTS
from shared.testing.rawsocket import frame
from shared.testing.sockets import Socket

TEXT = "x" * 3000


def connection_of(cluster: Cluster, node: str, name: str) -> Connection:
    user = cluster.people[name].user
    (found,) = [socket for socket in cluster.node(node).connections if socket.user.id == user]
    return found


def stop_reading(socket: Socket) -> asyncio.Transport:
    assert socket.websocket is not None
    transport = socket.websocket._writer.transport
    transport.pause_reading()
    return transport


async def test_a_reader_who_stops_gets_everything_once_when_they_read_again(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    transport = stop_reading(bob)
    texts = [f"{number} {TEXT}" for number in range(600)]
    await ann.send("bob", *texts)
    await ann.acknowledged(within_s=30)
    slow = connection_of(cluster, "relay-2", "bob")
    async with asyncio.timeout(10):
        while slow.behind is None:
            await asyncio.sleep(0.01)
    assert slow.slow
    assert len(slow._queue or ()) <= MAX_QUEUED_EVENTS
    assert slow._queued_bytes <= MAX_QUEUED_BYTES
    transport.resume_reading()
    assert await bob.caught_up("ann", 600, within_s=30) == texts
    await ann.send("bob", "live again")
    assert (await bob.caught_up("ann", 601))[-1] == "live again"


async def test_a_reader_who_is_stuck_is_closed_with_1013_and_others_do_not_wait(cluster: Cluster) -> None:
    await cluster.stop("relay-2")
    await cluster.start("relay-2", stuck_after_s=1.0)
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    tablet = await cluster.connect("bob", "relay-2")
    stop_reading(bob)
    texts = [f"{number} {TEXT}" for number in range(400)]
    await ann.send("bob", *texts)
    assert await tablet.caught_up("ann", 400, within_s=20) == texts
    async with asyncio.timeout(15):
        while len(cluster.node("relay-2").connections) > 1:
            await asyncio.sleep(0.05)
    await bob.connect(cursors=bob.cursors or {"ann": 0})
    assert await bob.caught_up("ann", 400, within_s=20) == texts


async def test_a_reader_who_says_good_bye_and_reads_no_more_is_not_waited_for(cluster: Cluster) -> None:
    """What is unsent stays below the high-water mark: the reader does not count as slow."""
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    transport = stop_reading(bob)
    leaving = connection_of(cluster, "relay-2", "bob")
    while leaving._transport is not None and not leaving._transport.get_write_buffer_size():
        await ann.send("bob", TEXT)
        await ann.acknowledged()
    assert not leaving.slow
    transport.write(frame((1000).to_bytes(2), CLOSE))
    async with asyncio.timeout(10):
        while cluster.node("relay-2").connections:
            await asyncio.sleep(0.05)
