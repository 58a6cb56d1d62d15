"""The faults. Each function returns when the fault is over; recovery counts from then."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterable

import asyncpg
from redis import asyncio as aioredis
from redis.exceptions import RedisError

from shared.plumbing.redis.directory import stream_of
from tests.chaos.instance import Instance

LONG_FREEZE_S = 30.0


async def kill(instance: Instance, name: str) -> None:
    """SIGKILL, as soon as it lives."""
    await instance.signal(name)


async def freeze(instance: Instance, name: str, seconds: float = LONG_FREEZE_S) -> None:
    """SIGSTOP for so long; for PostgreSQL the whole family."""
    process = instance.process(name)
    family = [process.pid, *(child.pid for child in process.children(recursive=True))]
    _signal_all(family, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        _signal_all(family, signal.SIGCONT)


async def flush(instance: Instance) -> None:
    """FLUSHALL."""
    async with instance.redis() as redis:
        await redis.flushall()


async def kill_clients(instance: Instance) -> None:
    """Every connection to Redis, ours too."""
    async with instance.redis() as redis:
        with contextlib.suppress(RedisError, OSError):
            await redis.client_kill_filter(_type="normal", skipme=True)


async def rewind_streams(instance: Instance) -> None:
    """FLUSHALL, and streams whose ids begin again far below those that the consumers have seen."""
    async with instance.redis() as redis:
        await redis.flushall()
        for name in instance.relays:
            await redis.xadd(stream_of(name), {"f": b"[]"}, id="1-1")


async def trim_streams(instance: Instance, length: int = 5) -> None:
    """XTRIM MAXLEN of every stream."""
    async with instance.redis() as redis:
        for name in instance.relays:
            await redis.xtrim(stream_of(name), maxlen=length, approximate=False)


async def forget_places(instance: Instance, pattern: str = "duet:user:*") -> None:
    """Removes directory entries by hand."""
    async with instance.redis() as redis:
        keys = [key async for key in redis.scan_iter(match=pattern, count=1000)]
        if keys:
            await redis.delete(*keys)


async def snapshot(redis: aioredis.Redis) -> dict[bytes, bytes]:
    """Everything that Redis holds."""
    found = {key: await redis.dump(key) async for key in redis.scan_iter(count=1000)}
    return {key: value for key, value in found.items() if value is not None}


async def restore(redis: aioredis.Redis, old: dict[bytes, bytes]) -> None:
    """Puts an old snapshot back in place of everything."""
    await redis.flushall()
    for key, value in old.items():
        await redis.restore(key, 0, value, replace=True)


async def terminate_backends(instance: Instance) -> None:
    """pg_terminate_backend for every other connection."""
    async with instance.postgres() as connection:
        with contextlib.suppress(asyncpg.PostgresError, OSError):
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND usename = current_user"
            )


def _signal_all(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
