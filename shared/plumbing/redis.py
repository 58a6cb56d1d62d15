"""Redis: everything in it can be rebuilt, so without it Duet is slower, never wrong."""

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import structlog
from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from shared.plumbing.redis_connection import RedisConnection

T = TypeVar("T")
AWAY = (RedisError, OSError, TimeoutError)
"""What a command raises when Redis is gone, restarting or slow."""

_SOCKET_TIMEOUT_S = 1.0
_PAUSE_AFTER_FAILURE_S = 0.5


def client(url: str, *, socket_timeout_s: float = _SOCKET_TIMEOUT_S) -> aioredis.Redis:
    """A client that never repeats a command by itself: retrying an XADD whose reply got lost would write twice."""
    return aioredis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=socket_timeout_s,
        socket_connect_timeout=_SOCKET_TIMEOUT_S,
    )


class Redis:
    """Commands that may fail: after a failure Redis is left alone for half a second.

    hot: for the commands that every message and every log-in needs.
    """

    def __init__(self, commands: aioredis.Redis, hot: RedisConnection) -> None:
        self.commands = commands
        self.hot = hot
        self._leave_alone_until = 0.0
        self._was_away = False

    async def attempt(self, command: Callable[[aioredis.Redis], Awaitable[T]], otherwise: T) -> T:
        """The command's result, or `otherwise` while Redis is away."""
        if time.monotonic() < self._leave_alone_until:
            return otherwise
        try:
            result = await command(self.commands)
        except AWAY as error:
            self._leave_alone_until = time.monotonic() + _PAUSE_AFTER_FAILURE_S
            if not self._was_away:
                structlog.get_logger().warning("redis is away", error=repr(error))
            self._was_away = True
            return otherwise
        if self._was_away:
            structlog.get_logger().info("redis is back")
        self._was_away = False
        return result

    async def check(self) -> str:
        """For readiness: degraded, never failing."""
        return await self.attempt(self._ping, "degraded")

    @staticmethod
    async def _ping(commands: aioredis.Redis) -> str:
        result: Any = commands.ping()
        await result
        return "ok"


@contextlib.asynccontextmanager
async def redis(url: str) -> AsyncIterator[Redis]:
    """Opens nothing yet: connections are made at the first command."""
    commands, hot = client(url), RedisConnection(url, _SOCKET_TIMEOUT_S)
    try:
        yield Redis(commands, hot)
    finally:
        hot.close()
        await commands.aclose()
