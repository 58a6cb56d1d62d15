"""Storing rows in one shard of the log, and what becomes of each."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from itertools import compress

import asyncpg
import structlog

from services.threads import rules
from services.threads.asking import PATIENCE_S
from services.threads.files import Files
from services.threads.group_commit import GroupCommit
from services.threads.queries import appends
from services.threads.queries.appends import Pair, Row, Stored
from services.threads.quota import Quota
from services.threads.shards import Shard, Shards
from services.threads.traced import TracedRows
from shared.plumbing.failpoints import reach
from shared.plumbing.postgres.database import Connection
from shared.plumbing.postgres.errors import StatementFailed
from shared.plumbing.tasks import Tasks
from shared.plumbing.telemetry.tally import Tally
from shared.wire.problems import Problem, Unavailable

_COMMIT = Tally(
    "duet_threads_commit_seconds",
    "From a batch that is to be stored to its commit, with the wait for a connection",
    (0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
).series()
_LOOK_EVERY_S = 0.25
_NOTHING = contextlib.nullcontext()
log = structlog.get_logger()


class Storing:
    """place: of the shard."""

    def __init__(self, place: int, shards: Shards, quota: Quota, files: Files, traced: TracedRows) -> None:
        self._place = place
        self._shards = shards
        self._quota = quota
        self._files = files
        self._traced = traced
        self._group = GroupCommit(self._store)
        self._tasks = Tasks()

    async def store(self, rows: list[Row], patience_s: float | None = None) -> list[Stored | Problem]:
        """What became of each. Raises Unavailable, and others: nothing is known of any then.

        What may be refused is looked for in the log first: a repeat gets what it got the first time.
        patience_s: for each time that the server is asked; not for media, which may take longer. Raises TimeoutError.
        """
        doubtful = [row.attachments is not None or self._quota.refuses(row) for row in rows]
        if not any(doubtful):
            return await self._commit(rows, patience_s)
        async with asyncio.timeout(patience_s), self._shard(rows).connection() as conn:
            known = iter(await appends.find(conn, list(compress(rows, doubtful))))
        settled = [
            ((next(known) or await self._refused(row)) if no else row)
            for row, no in zip(rows, doubtful, strict=True)
        ]
        kept = [one for one in settled if isinstance(one, Row)]
        stored = iter(await self._commit(kept, patience_s) if kept else ())
        return [next(stored) if isinstance(one, Row) else one for one in settled]

    async def store_or_refuse(self, rows: list[Row]) -> list[Stored | Problem]:
        """The same, for who has rows of other shards, too: all of them have to come again where nothing is known.

        Who does not answer for a while is asked nothing more until it does: everybody would wait for it.
        """
        if self._tasks:
            return [Unavailable("A part of the log is away")] * len(rows)
        try:
            return await self.store(rows, PATIENCE_S)
        except TimeoutError:
            log.warning("a shard does not answer", shard=self._shards.all[self._place].number)
            self._tasks.start(self._until_it_answers())
        except Exception as error:
            log.warning("rows of a shard have to come again", error=repr(error), rows=len(rows))
        return [Unavailable("A part of the log is away")] * len(rows)

    async def _commit(self, rows: list[Row], patience_s: float | None) -> list[Stored | Problem]:
        if patience_s is None:
            return await self._group.store(rows)
        async with asyncio.timeout(patience_s):
            return await self._group.store(rows)

    async def _refused(self, row: Row) -> Row | Problem:
        """Why a row that is new is not stored; or as it is stored, with all that there is to say of its files."""
        if self._quota.refuses(row):
            return self._quota.problem()
        try:
            return await self._files.claimed(row)
        except Problem as problem:
            return problem

    async def _store(self, rows: list[Row]) -> list[Stored | Problem]:
        """Threads in which something is changed or answered apart from the others, which are none the slower for it."""
        if len(rows) == 1:
            return await self._store_half(rows)
        plain, looked_at = appends.halves(rows)
        if not (plain and looked_at):
            return await self._store_half(rows)
        outcomes = {
            id(row): outcome
            for half in (plain, looked_at)
            for row, outcome in zip(half, await self._store_half(half), strict=True)
        }
        return [outcomes[id(row)] for row in rows]

    async def _store_half(self, rows: list[Row]) -> list[Stored | Problem]:
        try:
            with self._traced.committing(rows) if self._traced else _NOTHING:
                return list(await self._transact(rows))
        except (StatementFailed, asyncpg.PostgresError) as error:
            if len(rows) > 1:  # find out which row it is, so that it harms nobody else
                return await self._one_by_one(rows)
            log.warning("a row cannot be stored", error=repr(error))
            if isinstance(error, Problem):
                return [Unavailable("Nothing can be stored just now")]
            return [rules.not_storable(rows[0].kind)]

    async def _one_by_one(self, rows: list[Row]) -> list[Stored | Problem]:
        """Once a row has to come again, later ones of the same sender in the same thread are not stored either."""
        outcomes: list[Stored | Problem] = []
        again: dict[tuple[Pair, int], Problem] = {}
        for row in rows:
            outcome = again.get((row.pair, row.sender)) or (await self._store_half([row]))[0]
            if isinstance(outcome, Problem) and outcome.retry:
                again[row.pair, row.sender] = outcome
            outcomes.append(outcome)
        return outcomes

    async def _transact(self, rows: list[Row]) -> list[Stored]:
        """Threads are made apart from what locks others: through a pooler each of the three steps is a transaction."""
        started = time.monotonic()
        shard = self._shard(rows)
        async with shard.connection(often=True) as conn:
            self._check_log(conn, rows)
            stored = await appends.append(conn, rows)
        homeless = [row for row, one in zip(rows, stored, strict=True) if one is None]
        if homeless:
            async with shard.connection(often=True) as conn:
                self._check_log(conn, homeless)
                await appends.make_threads(conn, list({row.pair for row in homeless}))
            await reach("threads.threads_made")
            async with shard.connection(often=True) as conn:
                self._check_log(conn, homeless)
                again = iter(await appends.append(conn, homeless))
            stored = [one or next(again) for one in stored]
        _COMMIT.observe(time.monotonic() - started)
        return [one for one in stored if one is not None]

    def _check_log(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Raises Unavailable: the log that the rows mean was replaced while they waited for a connection."""
        for row in rows:
            if row.of and conn.log and row.of != self._shards.log_with({self._place: conn.log}):
                raise Unavailable("The log was replaced meanwhile")

    def _shard(self, rows: Sequence[Row]) -> Shard:
        """As it is now. Raises Unavailable if some of these have moved to another one since they were sent here."""
        return self._shards.at(self._place, (row.pair for row in rows))

    async def _until_it_answers(self) -> None:
        while True:
            with contextlib.suppress(Exception):
                await self._shards.all[self._place].database.check()
                return
            await asyncio.sleep(_LOOK_EVERY_S)
