"""The auth service, wired."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from aiohttp import web

from services.auth.accounts import Accounts
from services.auth.config import Config
from services.auth.hashing import hasher
from services.auth.invites import Invitations
from services.auth.keys import ACCOUNTS, DATABASE, DIRECTORY, INVITATIONS
from services.auth.purge import keep_purging
from services.auth.refold import refold
from services.auth.routes import ROUTES
from services.auth.server import Server
from services.auth.throttle import Throttle
from shared.plumbing.app import READY_CHECKS, build_app
from shared.plumbing.postgres.database import database
from shared.plumbing.redis.client import redis
from shared.plumbing.redis.directory import Directory
from shared.plumbing.redis.proof import RedisProof
from shared.plumbing.tasks import running

MIGRATIONS = Path(__file__).with_name("migrations")


def build(config: Config) -> web.Application:
    """Settings → database, Redis, hashing threads, purge → routes."""

    async def parts(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            db = await stack.enter_async_context(
                database(config.postgres_url, "auth", MIGRATIONS, greeter=Server(), migrating=config.migrate)
            )
            counters = await stack.enter_async_context(redis(config.redis_url))
            hashing = stack.enter_context(hasher(fair=config.limited))
            app[DATABASE] = db
            app[DIRECTORY] = Directory(counters)
            throttle = Throttle(counters, enabled=config.limited)
            app[INVITATIONS] = invitations = Invitations(db, throttle)
            app[ACCOUNTS] = Accounts(db, hashing, throttle, invitations)
            app[READY_CHECKS].update(postgres=db.check, redis=RedisProof(counters).check)
            await stack.enter_async_context(running(partial(keep_purging, db), partial(refold, db)))
            yield

    return build_app("auth", config, ROUTES, [parts])
