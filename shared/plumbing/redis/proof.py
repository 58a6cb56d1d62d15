"""For readiness: a proof that Redis does what a program needs of it. While nobody asks, nothing runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from shared.plumbing.redis.client import Redis

HOLDS_S = 5.0
"""So long a proof is not repeated, unless a command fails in the meantime."""

_WITHIN_S = 1.0


class RedisProof:
    """prove: raises as a command does if what this program needs is not done."""

    def __init__(self, redis: Redis, prove: Callable[[], Awaitable[object]] | None = None) -> None:
        self._redis = redis
        self._prove = prove or self._write_and_read
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def check(self) -> str:
        """ "ok", or "degraded" with what is wrong: never failing, since all goes on without Redis, slower."""
        async with self._asking:
            due = self._redis.wrong or time.monotonic() >= self._until
            if due and await self._redis.attempt(self._in_time, False):
                self._until = time.monotonic() + HOLDS_S
        return f"degraded: {self._redis.wrong}" if self._redis.wrong else "ok"

    async def _in_time(self) -> bool:
        async with asyncio.timeout(_WITHIN_S):
            await self._prove()
        return True

    async def _write_and_read(self) -> None:
        key = "duet:proof"
        await self._redis.hot.ask(("SET", key, "1", "PX", 10_000), ("GET", key))
