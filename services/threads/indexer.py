"""Feeds the search index from the outbox, a moment after the messages were committed, and counts what was stored."""

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from services.threads.queries import restored, search, usage
from services.threads.queries.search import Unindexed
from services.threads.words import document, findable
from shared.plumbing.failpoints import reach
from shared.plumbing.folding import FORM
from shared.plumbing.postgres.database import Database
from shared.plumbing.telemetry.lag import Lag

PAUSE_S = 0.4
_PAUSES = 3
"""So many pauses while many write: what waits then is indexed thread by thread, and words that come again and again in
a thread go into the index once."""

_MANY = 64
_REST = 3.0
"""Rests this many times as long as the work took: under load it is search that waits."""

_PART = 32
"""Messages in one part: a millisecond or two of PostgreSQL's time, which a message that comes meanwhile may have to
wait."""
_LAG = Lag(
    "duet_threads_index_lag_seconds", "Since the search index, and the quotas, had all of the log", 120
)
log = structlog.get_logger()


class Indexer:
    """What is done is written by the transaction that does it, so nothing is ever skipped."""

    def __init__(self, database: Database, busy: Callable[[], bool], *, pause_s: float = PAUSE_S) -> None:
        """busy: whether messages are being stored."""
        self._database = database
        self._busy = busy
        self._pause_s = pause_s
        self._worked_s = 0.0
        self._indexed = 0
        self._adopted = False
        self._renewed = False

    async def run(self) -> None:
        """Indexes until it is cancelled."""
        while True:
            try:
                while await self.round():
                    await self._rest()
                _LAG.caught_up()  # or another process is at it, which says how far it is
                while await self.renew():
                    await self._rest()
            except Exception as error:  # whatever it is: without the next round nothing new would be found
                log.warning("the search index waits", error=repr(error))
            await self._pause()

    async def _pause(self) -> None:
        pauses = _PAUSES if self._indexed >= _MANY else 1
        self._indexed = 0
        for _ in range(pauses):
            await asyncio.sleep(self._pause_s)
            if not self._busy():
                break

    async def round(self) -> bool:
        """Indexes some batches and returns whether there may be more.

        One transaction holds the claim and says at its end that it is done; the words are added by short ones of their
        own, so that a deletion never waits for long. Added again they are the same. While nobody writes, a look is one
        question and no transaction.
        """
        await self._adopt()
        async with self._database.connection() as conn:
            if not await search.waiting(conn):
                return False
        async with self._database.transaction() as conn:
            if not await search.claim(conn):
                return False
            grown = await search.grown(conn, await search.done(conn))
            if grown.ranges:  # else another process has just done it
                await self._add(await search.messages(conn, grown.ranges))
                await usage.count(conn, [(thread, first, last) for thread, _, _, first, last in grown.ranges])
                await reach("threads.before_indexed")
                await search.advance(conn, grown.done)
        return grown.more

    async def renew(self) -> bool:
        """Reindexes some messages whose words have an earlier form; returns whether there may be more."""
        if self._renewed:
            return False
        async with self._database.transaction() as conn:
            if not await search.claim(conn):
                return False
            old = await search.outdated(conn, FORM)
            if old:
                await self._add(old)
                await search.renewed(conn, old[-1])
            else:
                await search.all_renewed(conn, FORM)
                self._renewed = True
        return bool(old)

    async def _adopt(self) -> None:
        """A transaction of its own: what a round sees must be older than the round's own id, which a crash keeps."""
        if not self._adopted:
            async with self._database.transaction() as conn:
                await restored.adopt_transactions(conn)
            self._adopted = True

    async def _add(self, found: Sequence[Unindexed]) -> None:
        """Indexes in parts, with a rest after each."""
        self._indexed += len(found)
        for start in range(0, len(found), _PART):
            if start:
                await self._rest()
            started = time.monotonic()
            part = found[start : start + _PART]
            texts = [findable(one.text, one.attachments) for one in part]
            documents = [document(text, one.low, one.high) for text, one in zip(texts, part, strict=True)]
            async with self._database.connection() as conn:
                await search.add(conn, part, documents)
                await search.merge(conn)
            self._worked_s = time.monotonic() - started

    async def _rest(self) -> None:
        """While messages come, leaves PostgreSQL and this process to them for some time."""
        await asyncio.sleep(self._worked_s * _REST if self._busy() else 0)
