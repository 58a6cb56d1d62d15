"""Questions to another program, asked in batches and once for all who wait for the same answer.

There is no timer: what is asked for while a question is under way becomes the next question, so batches grow with the
load.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import Generic, TypeVar

from shared.plumbing.tasks import Tasks

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_AT_ONCE = 2
"""Questions under way at once, so that a slow one does not hold everybody up."""


class BatchLoader(Generic[K, V]):
    """ask: answers up to `at_most` keys; what it does not know it leaves out."""

    def __init__(self, ask: Callable[[list[K]], Awaitable[dict[K, V]]], at_most: int) -> None:
        self._ask = ask
        self._at_most = at_most
        self._answers: dict[K, asyncio.Future[V | None]] = {}
        self._waiting: list[K] = []
        self._rounds = Tasks()
        self._starting = False

    async def get(self, keys: Iterable[K]) -> dict[K, V]:
        """The answers that exist. If asking raises, everyone who waited for that question gets the exception."""
        futures = {key: self._answer(key) for key in dict.fromkeys(keys)}
        if futures:  # wait, not gather: a waiter that is cancelled must not take the others' answer with it
            await asyncio.wait(futures.values())
        return {key: found for key, future in futures.items() if (found := future.result()) is not None}

    async def one(self, key: K) -> V | None:
        """The answer to one key, None if there is none. Raises as `get`."""
        return await asyncio.shield(self._answer(key))

    def _answer(self, key: K) -> "asyncio.Future[V | None]":
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = asyncio.get_running_loop().create_future()
            answer.add_done_callback(_failure_is_known)
            self._waiting.append(key)
            self._start()
        return answer

    def _start(self) -> None:
        """A round starts in the next turn of the loop and takes along everything asked for until then."""
        if self._waiting and not self._starting and len(self._rounds) < _AT_ONCE:
            self._starting = True
            self._rounds.start(self._round()).add_done_callback(lambda _: self._start())

    async def _round(self) -> None:
        keys, self._waiting = self._waiting[: self._at_most], self._waiting[self._at_most :]
        self._starting = False
        self._start()
        try:
            found = await self._ask(keys)
        except Exception as error:
            for key in keys:
                self._answers.pop(key).set_exception(error)
        else:
            for key in keys:
                self._answers.pop(key).set_result(found.get(key))


def _failure_is_known(answer: "asyncio.Future[V | None]") -> None:
    """Passes the error to whoever still waits, if anyone does."""
    if not answer.cancelled():
        answer.exception()
