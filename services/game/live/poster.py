"""Posts committed events from the outbox to the thread's log, once, in the order of a game's versions.

A round always starts at the oldest row, so no version gets ahead of its predecessor, even with several posters. A row
is deleted only once the log has it, and its client_id makes posting it again harmless.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import asyncpg
import structlog
from prometheus_client import Counter, Gauge

from services.game.live import outbox
from services.game.live.outbox import Noted
from shared.plumbing.failpoints import reach
from shared.plumbing.http.rpc import Peer
from shared.plumbing.postgres.database import Database
from shared.wire.games import GAME
from shared.wire.link import MAX_BATCH, AppendBatch, AppendItem, AppendResult
from shared.wire.log_calls import AppendedItems
from shared.wire.problems import Problem

_LOOK_AGAIN_S = 1.0
_PAUSE_S = 0.25
_POSTED = Counter("duet_game_events_posted", "Changes of games that the log has")
_REFUSED = Counter("duet_game_events_refused", "Changes of games that the log will never take")
_WAITING = Gauge("duet_game_events_waiting", "Changes of games seen waiting in the outbox, at most 256")
log = structlog.get_logger()


class Poster:
    """wake: there is something to post; without it a second passes."""

    def __init__(self, database: Database, threads: Peer) -> None:
        self._database = database
        self._threads = threads
        self._news = asyncio.Event()

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Posts until it is cancelled."""
        while True:
            self._news.clear()
            try:
                done = await self.round()
            except (Problem, OSError, asyncpg.PostgresError) as error:
                log.warning("no event was posted", error=repr(error))
                await asyncio.sleep(_PAUSE_S)
                continue
            if not done:
                await within(self._news, _LOOK_AGAIN_S)

    async def round(self) -> int:
        """Posts the oldest rows and returns how many left the outbox. Raises Problem, and what PostgreSQL raises."""
        async with self._database.connection() as conn:
            rows = await outbox.oldest(conn, MAX_BATCH)
        _WAITING.set(len(rows))
        if not rows:
            return 0
        await reach("game.before_post")
        items = [
            AppendItem(row.sender, row.sender_name, row.to_name, GAME, row.client_id, row.body)
            for row in rows
        ]
        answer = await self._threads.call(
            "POST", "/internal/append", AppendBatch(0, "", items), of=AppendedItems, idempotent=True
        )
        await reach("game.after_post")
        return await self._forget(rows, answer.results)

    async def _forget(self, rows: Sequence[Noted], results: Sequence[AppendResult]) -> int:
        seqs = {}
        refused = []
        for row, result in zip(rows, results, strict=True):
            if result.delivery is not None:
                seqs[row.id] = result.delivery.seq
            elif result.problem is not None and result.problem.status < 500 and not result.problem.retry:
                log.error(
                    "an event is refused", game=str(row.game_id), version=row.version, why=result.problem
                )
                refused.append(row.id)
        _POSTED.inc(len(seqs))
        _REFUSED.inc(len(refused))
        async with self._database.connection() as conn:
            await outbox.forget(conn, seqs, refused)
        return len(seqs) + len(refused)


async def within(event: asyncio.Event, seconds: float) -> None:
    """Waits for the event, but no longer than that."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
