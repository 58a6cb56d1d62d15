"""The lifetime of the live games: they start once PostgreSQL answers. The AI's endpoints never wait for them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web

from services.game.config import Config
from services.game.engine import Engine
from services.game.keys import ENGINE
from services.game.live.availability import Live
from services.game.live.games import Games
from services.game.live.keys import LIVE
from services.game.live.listing import Listing
from services.game.live.people import People
from services.game.live.poster import Poster
from services.game.live.pruner import Pruner
from services.game.live.sweeper import Sweeper
from shared.plumbing.app import READY_CHECKS, SIGNER
from shared.plumbing.http.rpc import Peer, peer
from shared.plumbing.postgres.database import Database, database
from shared.plumbing.tasks import running
from shared.plumbing.telemetry.readiness import spared

MIGRATIONS = Path(__file__).parents[1] / "migrations"
SESSION_SETTINGS = {
    # Every query here looks up a few rows by an index. A plan made while a table was small must not read all of it.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
_TRY_AGAIN_S = 1.0
log = structlog.get_logger()


async def living(config: Config, app: web.Application) -> AsyncIterator[None]:
    """A cleanup context. The first attempt is made before the service listens; more follow in the background."""
    app[LIVE] = live = Live()
    tried = asyncio.Event()
    async with (
        peer("threads", config.threads_url, app[SIGNER]) as threads,
        running(partial(_keep_trying, config, threads, app[ENGINE], live, tried)),
    ):
        # Without threads games go on, and their events wait in the outbox.
        app[READY_CHECKS].update(postgres=live.check, threads=spared(threads.check))
        await tried.wait()
        yield


async def _keep_trying(
    config: Config, threads: Peer, engine: Engine, live: Live, tried: asyncio.Event
) -> None:
    while True:
        try:
            async with contextlib.AsyncExitStack() as stack:
                db = await stack.enter_async_context(
                    database(
                        config.postgres_url,
                        "game",
                        MIGRATIONS,
                        settings=SESSION_SETTINGS,
                        patience_s=0,
                        migrating=config.migrate,
                    )
                )
                await _run(config, threads, engine, live, tried, db)
        except Exception as error:  # whatever it is, the next attempt may find PostgreSQL well again
            log.warning("no live games", error=repr(error))
        finally:
            tried.set()
        await asyncio.sleep(_TRY_AGAIN_S)


async def _run(
    config: Config, threads: Peer, engine: Engine, live: Live, tried: asyncio.Event, db: Database
) -> None:
    """Runs until it is cancelled."""
    poster = Poster(db, threads)

    def changed() -> None:
        poster.wake()
        sweeper.wake()

    people = People(threads)
    games = Games(db, people, changed, timedelta(seconds=config.ai_pace_s))
    sweeper = Sweeper(db, games, engine)
    await sweeper.beat()  # before anybody's move is checked against a clock that ran while we were away
    live.open(db, games, Listing(db, people))
    tried.set()
    async with asyncio.TaskGroup() as group:
        group.create_task(poster.run())
        group.create_task(sweeper.run())
        group.create_task(Pruner(db).run())
