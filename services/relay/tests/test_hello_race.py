"""What happens in the middle of a hello."""

import asyncio

import pytest

from services.relay.tests.cluster import Cluster
from shared.plumbing import failpoints
from shared.testing.redis_client import client


@pytest.mark.parametrize("held_before", [True, False])
async def test_a_thread_that_begins_during_a_hello_is_given_from_its_first_event(
    held_before: bool, cluster: Cluster
) -> None:
    """After the heads were read, before the welcome: nobody may see only the live events of it."""
    if held_before:  # by this node, with another socket
        await cluster.connect("ann")
    bob = await cluster.connect("bob")
    ann = cluster.socket("ann")
    failpoints.arm("relay.before_welcome=sleep:0.5@1")
    try:
        connecting = asyncio.create_task(ann.connect(cursors={"bob": 0}))
        while not failpoints.arrivals("relay.before_welcome"):
            await asyncio.sleep(0.005)
        await bob.send("ann", "one", "two")
        await bob.acknowledged()
        assert not connecting.done()
        await connecting
    finally:
        failpoints.arm("")
    await bob.send("ann", "three")
    assert await ann.caught_up("bob", 3) == ["one", "two", "three"]


async def test_a_hello_whose_heads_were_read_before_a_beat_was_missed_gets_the_event(
    cluster: Cluster,
) -> None:
    """The hint is lost, too: the comparison after the link came back must look after those under way."""
    bob = await cluster.connect("bob", "relay-2")
    await bob.send("ann", "one")
    await bob.acknowledged()
    node, redis = cluster.node("relay-1"), client(cluster.redis_url)
    ann = cluster.socket("ann", "relay-1")
    failpoints.arm("relay.before_welcome=sleep:0.7@1")
    try:
        connecting = asyncio.create_task(ann.connect(cursors={"bob": 1}))
        while not failpoints.arrivals("relay.before_welcome"):
            await asyncio.sleep(0.005)
        node.link._on_heads = lambda heads, log: True
        await redis.delete(f"duet:user:{cluster.people['ann'].user}")
        await bob.send("ann", "two")
        await bob.acknowledged()
        await node.compare()
        assert not connecting.done()
        await connecting
    finally:
        failpoints.arm("")
        await redis.aclose()
    assert await ann.caught_up("bob", 2) == ["two"]
