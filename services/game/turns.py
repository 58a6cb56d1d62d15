"""Who gets a worker next: live games before other questions, then whoever has used the engine least.

Neither kind ever gets all the workers, so a flood of questions cannot keep live games waiting, or the other way round.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from shared.wire.problems import Unavailable

T = TypeVar("T")
PATIENCE_S = 3.5
"""Longer than one search, shorter than the gateway's patience."""
MAX_WAITING = 16


def _nothing(ms: float) -> None:
    """Pays for what is free."""


class Asker(NamedTuple):
    """Whom a search is for. used_ms: of the engine, not long ago. pay: is told how many ms this one kept a worker."""

    live: bool = False
    used_ms: float = 0.0
    pay: Callable[[float], None] = _nothing


LIVE_GAME = Asker(live=True)


class _Waiting(NamedTuple, Generic[T]):
    asker: Asker
    turn: asyncio.Future[T]


class Turns(Generic[T]):
    """Hands workers out. count: how many there are when all of them run. patience_s: how long one waits."""

    def __init__(self, count: int, patience_s: float = PATIENCE_S) -> None:
        self._most = max(1, count - 1)
        self._patience_s = patience_s
        self._idle: list[T] = []
        self._busy: Counter[bool] = Counter()
        self._waiting: list[_Waiting[T]] = []

    async def take(self, asker: Asker) -> T:
        """A worker, to be given back or ended. Raises Unavailable: too many wait who have used less, or too long."""
        waiting = _Waiting(asker, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._serve()
        self._refuse_surplus(asker.live)
        try:
            async with asyncio.timeout(self._patience_s):
                worker: T = await waiting.turn
                return worker
        except BaseException as error:
            self._leave(waiting)
            if isinstance(error, TimeoutError):
                raise _busy() from None
            raise

    def _leave(self, waiting: _Waiting[T]) -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        elif not waiting.turn.cancelled() and waiting.turn.exception() is None:  # it came in the last moment
            self.give_back(waiting.turn.result(), waiting.asker)

    def add(self, worker: T) -> None:
        """A new one that is idle."""
        self._idle.append(worker)
        self._serve()

    def give_back(self, worker: T, asker: Asker) -> None:
        """It has answered."""
        self._busy[asker.live] -= 1
        self.add(worker)

    def end(self, asker: Asker) -> None:
        """The worker that was taken has ended."""
        self._busy[asker.live] -= 1
        self._serve()

    def _serve(self) -> None:
        while self._idle:
            able = [one for one in self._still() if self._busy[one.asker.live] < self._most]
            if not able:
                return
            first = min(able, key=lambda one: (not one.asker.live, one.asker.used_ms))
            self._waiting.remove(first)
            self._busy[first.asker.live] += 1
            first.turn.set_result(self._idle.pop())

    def _still(self) -> list[_Waiting[T]]:
        """Who waits, without those who have just gone away: they leave at their next turn of the loop."""
        return [one for one in self._waiting if not one.turn.done()]

    def _refuse_surplus(self, live: bool) -> None:
        same = [one for one in self._still() if one.asker.live == live]
        if len(same) > MAX_WAITING:
            greediest = max(reversed(same), key=lambda one: one.asker.used_ms)
            self._waiting.remove(greediest)
            greediest.turn.set_exception(_busy())


def _busy() -> Unavailable:
    return Unavailable("The engine is busy")
