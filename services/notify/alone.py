"""Of several notify processes one works, so that nothing is pushed or fetched twice; the others answer calls.

A lock of a transaction says which: PostgreSQL takes it back with the connection, so the next one goes on at once when a
process dies. Who loses the connection stops at once, too. The transaction does nothing else, and so keeps nothing from
being cleaned up; a pooler lends it a session for as long.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncpg
import structlog

from shared.plumbing.postgres.database import Connection, Database
from shared.wire.problems import Problem

_TAKE = "SELECT pg_try_advisory_xact_lock(hashtext('duet.notify.works'))"
_STILL_THERE = "SELECT 1"
_EVERY_S = 0.5
Work = Callable[[], AbstractAsyncContextManager[None]]
log = structlog.get_logger()


class Alone:
    """work: entered while this process is the one that works."""

    def __init__(self, database: Database, work: Work) -> None:
        self._database = database
        self._work = work

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                async with self._database.transaction() as conn:
                    if await conn.fetchval(_TAKE):
                        await self._while_locked(conn)
            except (Problem, OSError, asyncpg.PostgresError) as error:
                log.warning("this process does not work", error=repr(error))
            await asyncio.sleep(_EVERY_S)

    async def _while_locked(self, conn: Connection) -> None:
        """Raises as a query does once the connection, and the lock with it, is gone."""
        log.info("this process works")
        async with self._work():
            while True:
                await asyncio.sleep(_EVERY_S)
                await conn.execute(_STILL_THERE)
