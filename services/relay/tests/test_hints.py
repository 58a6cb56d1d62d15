"""Hints get lost in every way there is; messages do not."""

import asyncio
import contextlib
import time

import pytest
from prometheus_client import REGISTRY
from redis import asyncio as aioredis

from services.relay.tests.cluster import Cluster
from shared.embedded.valkey import ValkeyServer
from shared.plumbing.redis.client import AWAY
from shared.plumbing.redis.directory import stream_of
from shared.testing.pace import slowness
from shared.testing.redis_client import client
from shared.wire.frames import TypingFrame

REPAIRED_WITHIN_S = 2.5  # 2 s, and half a second for a busy test machine


@pytest.fixture
async def redis(clean_redis_url: str) -> aioredis.Redis:  # type: ignore[misc]
    commands = client(clean_redis_url)
    yield commands
    await commands.aclose()


async def test_a_hint_that_never_comes_is_repaired_by_the_heads_feed(
    cluster: Cluster, redis: aioredis.Redis
) -> None:
    """The directory has lost bob, so no node is hinted."""
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    before = REGISTRY.get_sample_value("duet_relay_events_repaired_total") or 0
    await redis.delete(f"duet:user:{cluster.people['bob'].user}")
    await ann.send("bob", "one", "two")
    await ann.acknowledged()
    began = time.monotonic()
    assert await bob.caught_up("ann", 2) == ["one", "two"]
    assert time.monotonic() - began < REPAIRED_WITHIN_S * slowness()
    assert REGISTRY.get_sample_value("duet_relay_events_repaired_total") == before + 2


async def test_what_no_beat_tells_is_found_by_comparing_all_heads(
    cluster: Cluster, redis: aioredis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash of PostgreSQL, when a transaction may get an id below the watermark."""
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    await redis.delete(f"duet:user:{cluster.people['bob'].user}")
    monkeypatch.setattr("services.threads.feed._highest", lambda heads: [])
    await ann.send("bob", "one")
    await ann.acknowledged()
    for link in cluster.feed.audience.links:
        link.beat([], missed=True)
    assert await bob.caught_up("ann", 1) == ["one"]


async def test_a_wiped_redis_loses_no_message_and_hints_flow_again(
    cluster: Cluster, redis: aioredis.Redis
) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    texts = [f"message {number}" for number in range(60)]
    for number, text in enumerate(texts):
        if number % 20 == 10:
            await redis.flushall()
        await ann.send("bob", text)
    await ann.acknowledged()
    assert await bob.caught_up("ann", 60) == texts
    await hint_arrives(cluster, ann, bob, 60)


async def hint_arrives(cluster: Cluster, ann, bob, head: int) -> None:  # type: ignore[no-untyped-def]
    """Sends until one arrives by its stream and not by the heads feed; in any case nothing is lost."""
    membership = cluster.node("relay-2").membership
    async with asyncio.timeout(20):
        while True:
            began = time.monotonic()
            head += 1
            await ann.send("bob", f"after {head}")
            await bob.caught_up("ann", head)
            if time.monotonic() - began < 0.3:
                break
            await membership.renew()


async def test_a_stream_whose_ids_went_back_does_not_leave_a_node_deaf(
    cluster: Cluster, redis: aioredis.Redis
) -> None:
    bob = await cluster.connect("bob", "relay-2")
    consumer = cluster.node("relay-2").consumer
    stream = stream_of("relay-2")
    await redis.xadd(stream, {"e": b"[[],[]]"}, id="99999999999999-0")
    async with asyncio.timeout(5):
        while consumer._last != b"99999999999999-0":
            await asyncio.sleep(0.01)
    await redis.delete(stream)
    bob_id = cluster.people["bob"].user
    frame = b'[[],[[%d,{"type":"typing","thread":"ann"}]]]' % bob_id
    await redis.xadd(stream, {"e": frame}, id="5-1")
    assert await bob.receive(TypingFrame, within_s=5) == [TypingFrame("ann")]


async def test_entries_that_are_not_understood_are_passed_over(
    cluster: Cluster, redis: aioredis.Redis
) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    for value in (b"", b"{", b"[1]", b"\xff", b'[[[1,2,3,4,{},{}]],["x"]]'):
        await redis.xadd(stream_of("relay-2"), {"e": value})
        await redis.xadd(stream_of("relay-2"), {"other": value})
    await ann.send("bob", "one")
    assert await bob.caught_up("ann", 1) == ["one"]


async def test_a_trimmed_stream_is_caught_up_from_the_log(cluster: Cluster, redis: aioredis.Redis) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    texts = [f"message {number}" for number in range(50)]
    for text in texts:
        await ann.send("bob", text)
        await redis.xtrim(stream_of("relay-2"), maxlen=0, approximate=False)
    await ann.acknowledged()
    assert await bob.caught_up("ann", 50) == texts


async def test_connections_of_redis_may_be_killed_at_any_time(
    cluster: Cluster, redis: aioredis.Redis
) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    texts = [f"message {number}" for number in range(60)]
    for number, text in enumerate(texts):
        await ann.send("bob", text)
        if number % 15 == 0:
            with contextlib.suppress(*AWAY):
                await redis.client_kill_filter(_type="normal", skipme=True)
            await ann.acknowledged()
    assert await bob.caught_up("ann", 60) == texts
    await hint_arrives(cluster, ann, bob, 60)


async def test_without_redis_everything_is_delivered_and_ready_says_degraded(
    cluster: Cluster, valkey_server: ValkeyServer
) -> None:
    """A missing Redis: an address where nobody listens."""
    for name in ("relay-1", "relay-2", "threads"):
        await cluster.stop(name)
    cluster.redis_url = "unix:///nowhere/valkey.sock"
    for name in ("threads", "relay-1", "relay-2"):
        await cluster.start(name)
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    await ann.send("bob", "one", "two")
    await ann.acknowledged()
    began = time.monotonic()
    assert await bob.caught_up("ann", 2) == ["one", "two"]
    assert time.monotonic() - began < REPAIRED_WITHIN_S * slowness()
    status, body = await cluster.ready("relay-1")
    assert (status, body["redis"], body["redis_why"]) == (
        200,
        "degraded",
        "nobody listens where DUET_REDIS_URL leads",
    )
