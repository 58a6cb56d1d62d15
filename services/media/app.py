"""The media service, wired."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from services.media.blobs import keys
from services.media.blobs.files import Files
from services.media.blobs.spool import Spools
from services.media.blobs.stores import store
from services.media.claims import Claims
from services.media.config import Config
from services.media.follower import Follower
from services.media.keys import CLAIMS, DATABASE, FILES, NAMES, SWEEPER, TRANSFERS, UPLOADS
from services.media.limits import Limits
from services.media.pictures.pool import Pictures
from services.media.queries import installation
from services.media.routes import ROUTES
from services.media.sweeper import Sweeper
from services.media.transfers import Transfers
from services.media.uploads import Uploads
from shared.plumbing.app import DRAIN, READY_CHECKS, SIGNER, build_app
from shared.plumbing.http.rpc import peer
from shared.plumbing.names import Names
from shared.plumbing.postgres.database import database
from shared.plumbing.tasks import running

MIGRATIONS = Path(__file__).parent / "migrations"


def build(config: Config) -> web.Application:
    """Settings → database, threads, blobs, workers → the parts → routes."""

    async def parts(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            db = app[DATABASE] = await stack.enter_async_context(
                database(
                    config.postgres_url,
                    "media",
                    MIGRATIONS,
                    settings={"jit": "off"},
                    migrating=config.migrate,
                )
            )
            threads = await stack.enter_async_context(peer("threads", config.threads_url, app[SIGNER]))
            ring = keys.load(config.keys)
            async with db.connection() as conn:
                if not await installation.opens(conn, list(ring)):
                    sys.exit(
                        f"duet: the files were sealed with a key that is not in {config.keys / keys.NAME}"
                    )
            blobs = await stack.enter_async_context(store(config))
            spools = Spools(config.directory / "incoming", ring)
            pictures = await stack.enter_async_context(Pictures(config.media_workers).running())
            app[NAMES] = Names(threads)
            app[FILES] = Files(blobs, ring)
            app[CLAIMS] = Claims(db)
            app[TRANSFERS] = Transfers()
            app[DRAIN].append(app[TRANSFERS].finish)
            app[UPLOADS] = Uploads(db, spools, blobs, pictures, Limits(config))
            app[READY_CHECKS].update(postgres=db.check, files=blobs.check)
            sweeper = app[SWEEPER] = Sweeper(db, blobs, Follower(db, threads))
            await stack.enter_async_context(running(sweeper.follow, sweeper.clean, spools.clean))
            yield

    return build_app("media", config, ROUTES, [parts])
