"""redis-py's client, for tests that look into a Redis or do something to it."""

from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

_TIMEOUT_S = 10.0


def client(url: str) -> aioredis.Redis:
    """One that never repeats a command by itself."""
    return aioredis.from_url(
        url, retry=Retry(NoBackoff(), 0), socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S
    )
