"""Forgets old commands: the rows by which a repeated client_id is recognised."""

import asyncio
from datetime import timedelta

import asyncpg
import structlog
from prometheus_client import Counter

from shared.plumbing.postgres.database import Database
from shared.wire.problems import Problem

REMEMBERED = timedelta(days=7)
BATCH = 1000
_EVERY_S = 3600.0
_PAUSE_S = 0.1
"""Between batches, so that players come first."""
_PRUNED = Counter("duet_game_commands_pruned", "Commands forgotten because of their age")
# Another process that prunes takes other rows. now(), because the index is of no use to a volatile clock_timestamp().
_PRUNE = """
DELETE FROM commands WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM commands WHERE at < now() - $1::interval ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""
log = structlog.get_logger()


class Pruner:
    """batch: rows a statement, each in a transaction of its own."""

    def __init__(self, database: Database, *, batch: int = BATCH) -> None:
        self._database = database
        self._batch = batch

    async def run(self) -> None:
        """Prunes now and then every hour, until it is cancelled."""
        while True:
            pause_s = _EVERY_S
            try:
                if await self.prune() == self._batch:
                    pause_s = _PAUSE_S
            except (Problem, OSError, asyncpg.PostgresError) as error:
                log.warning("no command was pruned", error=repr(error))
            await asyncio.sleep(pause_s)

    async def prune(self) -> int:
        """Forgets the oldest commands past their age and returns how many."""
        async with self._database.connection() as conn:
            done = await conn.execute(_PRUNE, REMEMBERED, self._batch)
        count = int(done.split()[-1])
        _PRUNED.inc(count)
        return count
