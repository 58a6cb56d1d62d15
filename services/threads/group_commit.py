"""Group commit: what several callers bring while a statement is under way goes to PostgreSQL together.

A relay does the same with what its own sockets send (services/relay/log/batch.py). The more relays share the load, the
smaller is the batch of each, and a statement costs about the same whatever it holds.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from services.threads.queries.appends import Pair, Row
from shared.plumbing.tasks import Tasks

MAX_ROWS = 256
WORTH_ANOTHER = 32
"""So many rows must wait before another statement pays beside what is under way; as in the relay."""

OutcomeT = TypeVar("OutcomeT")
Key = tuple[Pair, int, UUID]
"""Thread, sender, client_id: a row with the same key as an earlier one is its repeat."""


class _Waiting(NamedTuple, Generic[OutcomeT]):
    rows: Sequence[Row]
    outcomes: asyncio.Future[list[OutcomeT]]


class GroupCommit(Generic[OutcomeT]):
    """store: called with rows of which no two have the same key; gives one outcome for each, in order."""

    def __init__(self, store: Callable[[list[Row]], Awaitable[list[OutcomeT]]]) -> None:
        self._store = store
        self._waiting: deque[_Waiting[OutcomeT]] = deque()
        self._rows_waiting = 0
        self._under_way = 0
        self._tasks = Tasks()

    async def store(self, rows: list[Row]) -> list[OutcomeT]:
        """One outcome for each of `rows`, no two of which have the same key. Raises what `store` raises: to all that
        were stored together."""
        if not self._under_way:
            self._under_way += 1
            try:
                return await self._store(rows)
            finally:
                self._ended()
        mine = _Waiting[OutcomeT](rows, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        self._rows_waiting += len(rows)
        self._go_on()
        try:
            return await mine.outcomes
        except asyncio.CancelledError:
            self._leave_out(mine)
            raise

    def _leave_out(self, one: _Waiting[OutcomeT]) -> None:
        """Who has given up may have been told that nothing was stored: what has not begun does not begin any more."""
        if any(waiting is one for waiting in self._waiting):
            self._waiting = deque(waiting for waiting in self._waiting if waiting is not one)
            self._rows_waiting -= len(one.rows)

    def _ended(self) -> None:
        self._under_way -= 1
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting and (not self._under_way or self._rows_waiting >= WORTH_ANOTHER):
            self._under_way += 1
            self._tasks.start(self._store_together(self._take()))

    def _take(self) -> list[_Waiting[OutcomeT]]:
        """What goes together, first come first. A repeat of what goes waits for the next round, which finds it."""
        taken: list[_Waiting[OutcomeT]] = []
        left: deque[_Waiting[OutcomeT]] = deque()
        keys: set[Key] = set()
        size = 0
        for one in self._waiting:
            its = {(row.pair, row.sender, row.client_id) for row in one.rows}
            if taken and (size + len(one.rows) > MAX_ROWS or not keys.isdisjoint(its)):
                left.append(one)
            else:
                taken.append(one)
                keys |= its
                size += len(one.rows)
        self._waiting = left
        self._rows_waiting -= size
        return taken

    async def _store_together(self, callers: list[_Waiting[OutcomeT]]) -> None:
        """Runs by itself: a caller that is cancelled takes nothing from the others."""
        try:
            outcomes = iter(await self._store([row for one in callers for row in one.rows]))
        except Exception as error:
            for one in callers:
                if not one.outcomes.done():
                    one.outcomes.set_exception(error)
        else:
            for one in callers:
                its = [next(outcomes) for _ in one.rows]
                if not one.outcomes.done():
                    one.outcomes.set_result(its)
        finally:
            self._ended()
