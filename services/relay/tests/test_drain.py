"""A node that shuts down loses nothing, and tells its users."""

import asyncio
import time

import aiohttp
import pytest

from services.relay.tests.cluster import Cluster
from shared.testing.pace import slowness
from shared.testing.sockets import Socket


async def test_a_node_that_drains_closes_with_1012_and_loses_nothing(cluster: Cluster) -> None:
    sockets = [await cluster.connect("ann", "relay-1") for _ in range(8)]
    bob = await cluster.connect("bob", "relay-2")
    texts = [f"message {number}" for number in range(200)]
    await sockets[0].send("bob", *texts)
    began = time.monotonic()
    await cluster.stop("relay-1", drain=True)
    assert time.monotonic() - began < 10 * slowness()
    assert [await socket.closed() for socket in sockets] == [1012] * 8
    ann = sockets[0]
    ann.unix_path = cluster.path("relay-2")
    ann.cursors.setdefault("bob", 0)
    await ann.connect()
    await ann.resend()
    await ann.acknowledged()
    assert await bob.caught_up("ann", 200) == texts
    await ann.caught_up("bob", 200)
    assert ann.texts["bob"] == texts


async def test_sockets_are_closed_a_few_at_a_time(cluster: Cluster) -> None:
    await cluster.stop("relay-1")
    await cluster.start("relay-1", drain_s=1.0)
    sockets = [await cluster.connect("ann", "relay-1") for _ in range(20)]
    began = time.monotonic()

    async def closed_after(socket: Socket) -> float:
        await socket.closed()
        return time.monotonic() - began

    waiting = [asyncio.create_task(closed_after(socket)) for socket in sockets]
    await cluster.stop("relay-1", drain=True)
    times = sorted(await asyncio.gather(*waiting))
    assert times[0] < 0.4 * slowness()
    assert times[-1] > 0.5
    assert times[-1] - times[0] > 0.4


async def test_a_draining_node_is_not_ready_and_takes_no_sockets(cluster: Cluster) -> None:
    await cluster.stop("relay-1")
    await cluster.start("relay-1", drain_s=0.5)
    await cluster.connect("ann", "relay-1")
    stopping = asyncio.create_task(cluster.drain("relay-1"))
    await asyncio.sleep(0)
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await cluster.socket("bob", "relay-1").open()
    assert caught.value.status == 503
    assert (await cluster.ready("relay-1"))[0] == 503
    await stopping


async def test_a_node_that_has_gone_holds_nobody(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    await ann.send("bob", "one")
    await bob.caught_up("ann", 1)
    await cluster.stop("relay-1", drain=True)
    await bob.disconnect()
    welcome = await bob.connect()
    assert not welcome.threads["ann"].online
