"""The notify service, wired."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from aiohttp import web

from services.notify import vapid
from services.notify.alone import Alone
from services.notify.config import Config
from services.notify.deciding import Decisions
from services.notify.endpoints import Endpoints
from services.notify.keys import DATABASE, ENDPOINTS, QUEUES, READER, VAPID
from services.notify.people import People
from services.notify.previews import connecting
from services.notify.previews.fetching import Fetcher
from services.notify.previews.making import Maker
from services.notify.previews.queue import Previews
from services.notify.pushing import Pushing, client
from services.notify.queue import Queues, Work
from services.notify.reader import Reader
from services.notify.routes import ROUTES
from services.notify.sweeper import Sweeper
from shared.plumbing.app import READY_CHECKS, SIGNER, build_app
from shared.plumbing.http.rpc import peer
from shared.plumbing.postgres.database import database
from shared.plumbing.redis.client import redis
from shared.plumbing.redis.directory import Directory
from shared.plumbing.redis.proof import RedisProof
from shared.plumbing.tasks import Run, running

MIGRATIONS = Path(__file__).with_name("migrations")
SESSION_SETTINGS = {
    # Every query here looks up a few rows by an index. A plan made while a table was small must not read all of it.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
_NOBODY = "mailto:nobody@duet.invalid"


def build(config: Config) -> web.Application:
    """Settings → database, Redis, threads, auth, the way out → the parts → routes."""

    async def parts(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            db = await stack.enter_async_context(
                database(
                    config.postgres_url,
                    "notify",
                    MIGRATIONS,
                    settings=SESSION_SETTINGS,
                    migrating=config.migrate,
                )
            )
            cache = await stack.enter_async_context(redis(config.redis_url))
            threads = await stack.enter_async_context(peer("threads", config.threads_url, app[SIGNER]))
            auth = await stack.enter_async_context(peer("auth", config.auth_url, app[SIGNER]))
            http = await stack.enter_async_context(client(allow_private=config.push_allow_private))
            app[DATABASE] = db
            decisions = Decisions(threads, auth, People(auth), app[VAPID])
            pushing = Pushing(http, app[VAPID], app[ENDPOINTS], config.push_ca)
            queues = app[QUEUES] = Queues(Work(db, decisions, pushing))
            app[READY_CHECKS].update(postgres=db.check, redis=RedisProof(cache).check)
            linked = None
            if config.previews:
                private = [text.strip() for text in config.preview_private.split(",")]
                sites = await stack.enter_async_context(connecting.client(private))
                linked = Previews(db, Maker(threads, auth, Fetcher(sites, private)))
            reader = app[READER] = Reader(db, threads, Directory(cache), queues, linked)
            runs = (reader.run, Sweeper(db, auth).run, queues.look, *((linked.run,) if linked else ()))
            await stack.enter_async_context(running(Alone(db, partial(working, queues, runs)).run))
            yield

    app = build_app("notify", config, ROUTES, [parts])
    app[VAPID] = vapid.load(config.keys, _contact(config))
    app[ENDPOINTS] = Endpoints([text for text in config.push_hosts.split(",") if text.strip()])
    return app


@asynccontextmanager
async def working(queues: Queues, runs: Sequence[Run]) -> AsyncIterator[None]:
    """What one notify process does at a time. Raises as `Queues.begin`."""
    try:
        await queues.begin()
        async with running(*runs):
            yield
    finally:
        await queues.close()


def _contact(config: Config) -> str:
    return config.push_contact or (config.public_url if config.public_url.startswith("https:") else _NOBODY)
