"""The life of a ledger in a program that needs Redis for nothing else."""

from collections.abc import AsyncIterator, Callable
from functools import partial

from aiohttp import web

from shared.plumbing.limits.ledger import Ledger
from shared.plumbing.redis.client import redis
from shared.plumbing.tasks import running

Lifetime = Callable[[web.Application], AsyncIterator[None]]


def kept(ledger: Ledger, redis_url: str) -> Lifetime:
    """As long as the program lives. It starts and is ready whether or not Redis is there."""

    async def lifetime(app: web.Application) -> AsyncIterator[None]:
        async with redis(redis_url) as opened, running(partial(ledger.keep, opened)):
            yield

    return lifetime
