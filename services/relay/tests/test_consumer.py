"""The consumer alone: on a Valkey that is full, and as a proof that hints arrive."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from redis import asyncio as aioredis
from redis.exceptions import OutOfMemoryError

from services.relay.delivery.consumer import Consumer
from shared.embedded.valkey import ValkeyServer
from shared.plumbing.redis.client import redis as opened
from shared.plumbing.redis.directory import stream_of
from shared.plumbing.redis.proof import RedisProof
from shared.plumbing.tasks import running
from shared.testing.redis_client import client
from shared.wire.log import StreamEntry

_ROOM = 4 * 1024 * 1024
_ENTRY = b"[[],[]]" + b" " * 100_000


@pytest.fixture
async def redis(clean_redis_url: str) -> AsyncIterator[aioredis.Redis]:
    """With room for some forty entries."""
    commands = client(clean_redis_url)
    before = str((await commands.config_get("maxmemory"))["maxmemory"])
    used = (await commands.info("memory"))["used_memory"]
    await commands.config_set("maxmemory", used + _ROOM)
    yield commands
    await commands.config_set("maxmemory", before)
    await commands.aclose()


async def fill(redis: aioredis.Redis, stream: str) -> int:
    """Writes entries until one is refused; how many."""
    written = 0
    while True:
        try:
            await redis.xadd(stream, {"e": _ENTRY})
        except OutOfMemoryError:
            return written
        written += 1


async def test_a_redis_that_is_full_of_hints_takes_more_once_they_are_read(
    redis: aioredis.Redis, clean_redis_url: str
) -> None:
    stream, taken = stream_of("relay-1"), list[StreamEntry]()
    consumer = Consumer(clean_redis_url, "relay-1", taken.append)
    written = await fill(redis, stream)
    async with running(consumer.run):
        deadline = time.monotonic() + 10
        while await redis.xlen(stream) > 1:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        await redis.xadd(stream, {"e": _ENTRY})
        while len(taken) < written + 1:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
    await consumer.close()


async def test_a_hint_that_is_written_here_arrives_here_or_the_node_says_that_it_is_deaf(
    clean_redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.plumbing.redis.client._DOUBT_S", 0.05)
    consumer = Consumer(clean_redis_url, "relay-1", lambda _: None)
    async with opened(clean_redis_url) as writing:
        proof = RedisProof(writing, lambda: consumer.prove(writing))
        assert "does not arrive here" in await proof.check()  # nobody reads
        async with running(consumer.run), asyncio.timeout(20):
            while await proof.check() != "ok":
                await asyncio.sleep(0.02)
    await consumer.close()


async def test_a_node_that_may_not_read_its_stream_says_why(
    valkey_server: ValkeyServer, clean_redis_url: str
) -> None:
    assert valkey_server.ask("ACL SETUSER deaf on >secret ~* +@all -xread").startswith("+OK")
    consumer = Consumer(clean_redis_url.replace("unix://", "unix://deaf:secret@"), "relay-1", lambda _: None)
    async with opened(clean_redis_url) as writing, running(consumer.run), asyncio.timeout(20):
        proof = RedisProof(writing, lambda: consumer.prove(writing))
        while "(NOPERM)" not in await proof.check():
            await asyncio.sleep(0.02)
    await consumer.close()
    assert valkey_server.ask("ACL DELUSER deaf").startswith(":1")
