"""The media service, wired."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from services.media.blobs import key as keys
from services.media.blobs.directory import Directory
from services.media.blobs.files import Files
from services.media.blobs.spool import Spools
from services.media.claims import Claims
from services.media.config import Config
from services.media.keys import CLAIMS, DATABASE, FILES, NAMES, UPLOADS
from services.media.limits import Limits
from services.media.pictures.pool import Pictures
from services.media.queries import installation
from services.media.routes import ROUTES
from services.media.uploads import Uploads
from shared.plumbing.app import READY_CHECKS, SIGNER, build_app
from shared.plumbing.names import Names
from shared.plumbing.postgres import database
from shared.plumbing.rpc import peer

MIGRATIONS = Path(__file__).parent / "migrations"


def build(config: Config) -> web.Application:
    """Settings → database, threads, blobs, workers → the parts → routes."""

    async def parts(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            db = app[DATABASE] = await stack.enter_async_context(
                database(config.postgres_url, "media", MIGRATIONS, settings={"jit": "off"})
            )
            threads = await stack.enter_async_context(peer("threads", config.threads_url, app[SIGNER]))
            key = keys.load(config.keys)
            async with db.connection() as conn:
                if not await installation.is_sealed_with(conn, keys.fingerprint(key)):
                    sys.exit(f"duet: the files were sealed with another key than {config.keys / keys.NAME}")
            store = Directory(config.directory)
            spools = Spools(config.directory / "incoming", key)
            pictures = await stack.enter_async_context(Pictures(config.media_workers).running())
            app[NAMES] = Names(threads)
            app[FILES] = Files(store, key)
            app[CLAIMS] = Claims(db)
            app[UPLOADS] = Uploads(db, spools, store, pictures, Limits(config))
            app[READY_CHECKS].update(postgres=db.check, files=store.check)
            yield

    return build_app("media", config, ROUTES, [parts])
