"""The heads feed: once a second every link hears which heads rose, so that no lost hint stays lost."""

import asyncio
import time
from collections import deque
from datetime import timedelta

import asyncpg
import structlog
from prometheus_client import Counter

from services.threads.audience import Audience
from services.threads.queries import outbox, servers
from services.threads.queries.outbox import Moment
from shared.plumbing.failpoints import reach
from shared.plumbing.postgres.database import Database
from shared.plumbing.telemetry.lag import Lag
from shared.wire.log import Head

BEAT_S = 1.0
KEEP_S = 60.0
HOLD_FOR = timedelta(days=1)
"""For consumers that have yet to read it. Of what is older nobody has to be told any more."""

_TOLD = Counter(
    "duet_threads_heads_told", "Heads told to relays, each as often as there are relays that it concerns"
)
_LAG = Lag("duet_threads_feed_lag_seconds", "Since the last beat of the heads feed", 10)
log = structlog.get_logger()


class Feed:
    """Asks PostgreSQL once for all links. When it does not answer, that second has no beat.

    audience: those that hear the beats.
    """

    def __init__(self, database: Database, *, beat_s: float = BEAT_S, keep_s: float = KEEP_S) -> None:
        self.audience = Audience()
        self._database = database
        self._beat_s = beat_s
        self._keep_s = keep_s
        self._last = Moment("", "")
        self._moments: deque[tuple[float, Moment]] = deque()

    async def begin(self) -> None:
        """Call before the first link: everything committed from now on is in some beat. Raises as `connection` does."""
        async with self._database.connection() as conn:
            self._last = await outbox.moment(conn)

    async def run(self) -> None:
        """Beats until it is cancelled."""
        while True:
            started = time.monotonic()
            try:
                await self.beat()
            except Exception as error:  # whatever it is: without the next beat, lost hints would stay lost
                log.warning("no beat", error=repr(error))
            await asyncio.sleep(max(0.0, started + self._beat_s - time.monotonic()))

    async def beat(self) -> None:
        """One round: read, tell, forget what is old.

        After a crash of PostgreSQL some of what committed may be before the last moment: relays compare all heads then.
        """
        await reach("threads.before_beat")
        async with self._database.connection() as conn:
            rose, of = await outbox.since(conn, self._last), conn.log
        last, self._last = self._last, rose.next
        missed = rose.next.life != last.life
        if missed:
            log.warning("the database has restarted", before=last.life, now=rose.next.life)
            self._moments.clear()
        if missed and rose.next.log == last.log and rose.next.flushed < last.flushed:
            log.error("a part of the log is gone", log=last.log)
            async with self._database.connection() as conn:
                await servers.renew(conn, last.log)
        for link, heads in self.audience.shares(_highest(rose.heads)).items():
            link.beat(heads, missed=missed, log=rose.next.log)
            _TOLD.inc(len(heads))
        _LAG.caught_up()
        async with self._database.connection() as conn:
            await self._forget(conn)
        if of and rose.next.log != of:  # renewed by somebody who found a part of it gone, or who restored it
            await self._database.reconnect()

    async def _forget(self, conn: asyncpg.Connection) -> None:
        """Forgets up to a moment that is `keep_s` old, so a transaction that commits late keeps its row as long."""
        now = time.monotonic()
        self._moments.append((now, self._last))
        old = None
        while self._moments and now - self._moments[0][0] >= self._keep_s:
            old = self._moments.popleft()[1]
        if old is not None:
            await outbox.forget(conn, old)
            await outbox.drop(conn, HOLD_FOR)


def _highest(heads: list[Head]) -> list[Head]:
    """Each thread once."""
    highest: dict[int, Head] = {}
    for head in heads:
        if head.thread not in highest or head.head > highest[head.thread].head:
            highest[head.thread] = head
    return list(highest.values())
