"""The threads service, wired."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from aiohttp import web

from services.threads.append import Appender
from services.threads.config import Config
from services.threads.feed import Feed
from services.threads.files import Files
from services.threads.heads import Heads
from services.threads.hints import Hints
from services.threads.history import History
from services.threads.inbox import Inbox
from services.threads.indexer import Indexer
from services.threads.keys import (
    APPENDER,
    FEED,
    HEADS,
    HISTORY,
    INBOX,
    MEMBER_STATES,
    PROGRAM_LOG,
    READS,
    SEARCH,
    STANDING,
)
from services.threads.log_id import LogId
from services.threads.member_states import MemberStates
from services.threads.people import People
from services.threads.program_log import ProgramLog
from services.threads.quota import Quota
from services.threads.reads import Reads
from services.threads.replication import Replication
from services.threads.routes import ROUTES
from services.threads.search import Search
from services.threads.shards import Shard, Shards
from services.threads.standing import StandingQuestions
from shared.plumbing.app import DRAIN, READY_CHECKS, SIGNER, build_app
from shared.plumbing.http.rpc import peer
from shared.plumbing.postgres.database import database
from shared.plumbing.redis.client import redis
from shared.plumbing.tasks import running
from shared.plumbing.telemetry.readiness import spared

MIGRATIONS = Path(__file__).parent / "migrations"
SESSION_SETTINGS = {
    # Every query here looks up a few rows by an index. A plan made while the tables were small, or from a wrong guess
    # at the length of an array, must not read a whole table (a hash join of `events` cost 400 ms at 60,000 rows).
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # Replanning append for each batch, as PostgreSQL would for short ones, doubles its cost.
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}


def build(config: Config) -> web.Application:
    """Settings → database, Redis, auth → the parts → routes."""

    async def parts(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            servers = []
            for url in (config.postgres_url, *config.shard_urls.split()):
                log_id = LogId()
                opened = database(
                    url,
                    "threads",
                    MIGRATIONS,
                    max_size=max(2, config.postgres_pool),  # who holds one may need another for a moment
                    migrating=config.migrate,
                    greeter=log_id,
                    settings=SESSION_SETTINGS,
                )
                servers.append((await stack.enter_async_context(opened), log_id))
            shards = Shards(servers)
            await shards.begin()
            cache = await stack.enter_async_context(redis(config.redis_url))
            auth = await stack.enter_async_context(peer("auth", config.auth_url, app[SIGNER]))
            media = None
            if config.media_url:
                media = await stack.enter_async_context(peer("media", config.media_url, app[SIGNER]))
            people, hints, feed = People(auth), Hints(cache), Feed(shards)
            quota = Quota(shards, config.quota_mb)
            appender = app[APPENDER] = Appender(shards, people, hints, quota, Files(media))
            for shard in shards.all:
                shard.log_id.on_other = partial(_forget, people, shard)
            app[READS] = Reads(shards, people, hints)
            app[MEMBER_STATES] = MemberStates(shards, people, hints)
            app[HISTORY] = History(shards, people)
            app[HEADS] = Heads(shards, people)
            app[INBOX] = Inbox(shards, people)
            app[SEARCH] = Search(shards, people)
            app[PROGRAM_LOG] = ProgramLog(shards, people)
            app[STANDING] = StandingQuestions(shards)
            app[FEED] = feed
            app[READY_CHECKS].update(postgres=shards.check, redis=hints.proof.check, auth=spared(auth.check))
            if config.replication == "synchronous":
                app[READY_CHECKS]["replication"] = Replication(shards).check
            indexers = [Indexer(shard.database, appender.busy) for shard in shards.all]
            await stack.enter_async_context(hints.giving())
            await feed.begin()
            await stack.enter_async_context(
                running(shards.run, feed.run, hints.look_around, quota.run, *(one.run for one in indexers))
            )
            yield

    app = build_app("threads", config, ROUTES, [parts])
    app[DRAIN].append(finish_links)
    return app


async def _forget(people: People, shard: Shard) -> None:
    """A part of the log is lost."""
    people.forget()
    await shard.database.reconnect()


async def finish_links(app: web.Application) -> None:
    """Answers every batch that has come in before the program ends."""
    await asyncio.gather(*(link.finish() for link in app[FEED].audience.links))
