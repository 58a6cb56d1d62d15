"""The users of a node that dies silently go offline for their peers when its lease ends."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from services.relay.tests.cluster import Cluster
from services.relay.tests.test_presence import acquainted
from shared.embedded.valkey import ValkeyServer
from shared.plumbing.redis.client import Redis, redis
from shared.plumbing.redis.directory import LEASE_MS, Directory, Membership
from shared.plumbing.redis.proof import RedisProof
from shared.plumbing.tasks import running
from shared.testing.sockets import Socket
from shared.wire.frames import PresenceFrame
from shared.wire.http import ChangeSettings


@pytest.fixture
async def opened(clean_redis_url: str) -> AsyncIterator[Redis]:
    async with redis(clean_redis_url) as commands:
        yield commands


@contextlib.asynccontextmanager
async def holding(cluster: Cluster, node: Membership, directory: Directory) -> AsyncIterator[Socket]:
    """ann, with whom bob is seen only on `node`, which keeps its lease until the end of the block."""
    ann, bob = await acquainted(cluster)
    bob_id = cluster.people["bob"].user
    async with running(node.keep):
        await node.join(bob_id)
        await bob.disconnect()
        async with asyncio.timeout(10):
            while (await directory.nodes_of([bob_id])).get(bob_id) != ["relay-3"]:
                await asyncio.sleep(0.05)
        assert not presence(ann)
        yield ann


def presence(socket: Socket) -> list[tuple[str, bool]]:
    return [(frame.username, frame.online) for frame in socket.frames if isinstance(frame, PresenceFrame)]


async def test_the_lease_ends_and_comes_back(cluster: Cluster, opened: Redis) -> None:
    """Like a node that was frozen for a while: it renews the lease that it had."""
    node = Membership(opened, "relay-3")
    async with holding(cluster, node, Directory(opened)) as ann:
        pass
    (gone,) = await ann.receive(PresenceFrame)
    assert (gone.username, gone.online) == ("bob", False)
    async with running(node.keep):
        (back,) = await ann.receive(PresenceFrame)
        assert (back.username, back.online) == ("bob", True)


async def test_another_life_of_the_node_does_not_bring_back_whom_it_held(
    cluster: Cluster, opened: Redis
) -> None:
    """Like the supervisor: restarts it at once, long before the lease has ended."""
    async with holding(cluster, Membership(opened, "relay-3"), Directory(opened)) as ann:
        pass
    async with running(Membership(opened, "relay-3").keep):
        (gone,) = await ann.receive(PresenceFrame)
        assert (gone.username, gone.online) == ("bob", False)


async def test_of_who_does_not_show_when_they_are_here_the_end_of_a_lease_says_nothing(
    cluster: Cluster, opened: Redis
) -> None:
    hidden = ChangeSettings(last_seen=False)
    await cluster.call("auth", "PATCH", "/api/settings", hidden, as_="bob")
    async with holding(cluster, Membership(opened, "relay-3"), Directory(opened)) as ann:
        pass
    lease_watch = cluster.node("relay-1").lease_watch
    async with asyncio.timeout(10):
        while not lease_watch._over:
            await asyncio.sleep(0.05)
    assert not presence(ann)


async def test_who_has_come_back_by_then_was_never_away(cluster: Cluster, opened: Redis) -> None:
    async with holding(cluster, Membership(opened, "relay-3"), Directory(opened)) as ann:
        pass
    await cluster.connect("bob", "relay-2")
    lease_watch = cluster.node("relay-1").lease_watch
    async with asyncio.timeout(10):
        while not lease_watch._over:
            await asyncio.sleep(0.05)
    assert not presence(ann)


async def test_a_lease_that_nobody_could_renew_says_nothing(
    cluster: Cluster, opened: Redis, valkey_server: ValkeyServer
) -> None:
    """After a time without Redis every node has the time of a lease to come back."""
    async with holding(cluster, Membership(opened, "relay-3"), Directory(opened)) as ann:
        assert valkey_server.ask(f"CLIENT PAUSE {LEASE_MS + 500} ALL").startswith("+OK")
    opened.hot.close()
    async with asyncio.timeout(20):
        while await RedisProof(opened).check() != "ok":
            await asyncio.sleep(0.05)
    began = time.monotonic()
    assert not presence(ann)
    (gone,) = await ann.receive(PresenceFrame)
    assert (gone.username, gone.online) == ("bob", False)
    assert time.monotonic() - began > LEASE_MS / 2000
