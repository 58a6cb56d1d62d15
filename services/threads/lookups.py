"""Questions to another program, asked in batches and once for all who wait for the same answer."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lookups(Generic[K, V]):
    """ask: answers up to `at_most` keys; what it does not know it leaves out."""

    def __init__(self, ask: Callable[[list[K]], Awaitable[dict[K, V]]], at_most: int) -> None:
        self._ask = ask
        self._at_most = at_most
        self._under_way: dict[K, asyncio.Task[dict[K, V]]] = {}

    async def get(self, keys: Iterable[K]) -> dict[K, V]:
        """The answers that exist. Raises what asking raised, for all who waited for it."""
        wanted = list(dict.fromkeys(keys))
        new = [key for key in wanted if key not in self._under_way]
        for start in range(0, len(new), self._at_most):
            self._start(new[start : start + self._at_most])
        tasks = {self._under_way[key] for key in wanted}
        if tasks:  # wait, not gather: a waiter that is cancelled must not take the others' answer with it
            await asyncio.wait(tasks)
        answers = {key: value for task in tasks for key, value in task.result().items()}
        return {key: answers[key] for key in wanted if key in answers}

    def _start(self, keys: list[K]) -> None:
        task = asyncio.create_task(self._answer(keys))
        task.add_done_callback(_failure_is_known)
        self._under_way.update(dict.fromkeys(keys, task))

    async def _answer(self, keys: list[K]) -> dict[K, V]:
        try:
            return await self._ask(keys)
        finally:
            for key in keys:
                del self._under_way[key]


def _failure_is_known(task: asyncio.Task[dict[K, V]]) -> None:
    """Whoever waits raises it; when several tasks fail for one of them, the first is enough."""
    if not task.cancelled():
        task.exception()
