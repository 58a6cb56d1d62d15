"""The outbox of one shard, as the heads feed reads it: which heads rose since it was last looked at."""

import time
from collections import deque
from datetime import timedelta

import msgspec
import structlog

from services.threads.queries import outbox, servers
from services.threads.queries.outbox import Moment
from shared.plumbing.postgres.database import Database
from shared.wire.log import Head

HOLD_FOR = timedelta(days=1)
"""For consumers that have yet to read it. Of what is older nobody has to be told any more."""

log = structlog.get_logger()


class Rose(msgspec.Struct, frozen=True):
    """heads: of the batches committed since it was last looked at. missed: not all of them."""

    heads: list[Head]
    missed: bool


class Outbox:
    """log: the id of the log, when it was last looked at."""

    def __init__(self, database: Database, *, keep_s: float) -> None:
        self._database = database
        self._keep_s = keep_s
        self._last = Moment("", "")
        self._answers = False
        self._moments: deque[tuple[float, Moment]] = deque()

    @property
    def log(self) -> str:
        return self._last.log

    async def begin(self) -> None:
        """What is committed from now on is told of. Raises as `connection` does."""
        async with self._database.connection() as conn:
            self._last = await outbox.moment(conn)

    async def rose(self) -> Rose:
        """What rose since the last time. Raises as `connection` does; the next time it is told of then.

        After a crash of PostgreSQL some of what committed may be before the last moment: relays compare all heads then.
        """
        self._answers = False
        async with self._database.connection() as conn:
            rose, of = await outbox.since(conn, self._last), conn.log
        last = self._last
        missed = rose.next.life != last.life
        if missed:
            log.warning("the database has restarted", before=last.life, now=rose.next.life)
            self._moments.clear()
        if missed and rose.next.log == last.log and rose.next.flushed < last.flushed:
            log.error("a part of the log is gone", log=last.log)
            async with self._database.connection() as conn:
                await servers.renew(conn, last.log)
        if of and rose.next.log != of:  # renewed by somebody who found a part of it gone, or who restored it
            await self._database.reconnect()
        self._last, self._answers = rose.next, True
        return Rose(rose.heads, missed)

    async def forget(self) -> None:
        """Forgets up to a moment that is `keep_s` old, so a transaction that commits late keeps its row as long.

        Nothing where the server has just not answered: the next beat would come late for it.
        """
        if not self._answers:
            return
        now = time.monotonic()
        self._moments.append((now, self._last))
        old = None
        while self._moments and now - self._moments[0][0] >= self._keep_s:
            old = self._moments.popleft()[1]
        if old is not None:
            async with self._database.connection() as conn:
                await outbox.forget(conn, old)
                await outbox.drop(conn, HOLD_FOR)
