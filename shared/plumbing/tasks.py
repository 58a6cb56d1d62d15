"""The lifetimes of tasks: each has an owner, who ends it, and an error in one is logged at once and never lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import structlog

T = TypeVar("T")
Run = Callable[[], Coroutine[Any, Any, None]]

_PAUSE_S = 0.2
_CANCEL_AGAIN_S = 0.5
log = structlog.get_logger()


class Tasks:
    """The tasks of one owner that come and go by themselves."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._under_way)

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Runs `work` beside everything else."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a task failed", task=_name(task.get_coro()), exc_info=error)

    async def close(self) -> None:
        """Ends what is under way."""
        await end(*self._under_way)


@contextlib.asynccontextmanager
async def running(*runs: Run) -> AsyncIterator[None]:
    """All of these beside the block, until its end; each starts again after an error."""
    tasks = [asyncio.create_task(forever(run)) for run in runs]
    try:
        yield
    finally:
        await end(*tasks)


async def forever(run: Run) -> None:
    """Runs `run()`, and again after each error, which is logged. Ends when it returns."""
    while True:
        try:
            return await run()
        except Exception:
            log.exception("a task failed and starts again", task=_name(run))
            await asyncio.sleep(_PAUSE_S)


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancels until all have ended: a library may take a cancellation for its own time-out's and go on."""
    while still_running := [task for task in tasks if not task.done()]:
        for task in still_running:
            task.cancel()
        await asyncio.wait(still_running, timeout=_CANCEL_AGAIN_S)


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns, which runs to its end: somebody who cancels this, even again and again, waits for it."""
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled
    return task.result()


def _name(of: Any) -> str:
    if isinstance(of, partial):
        of = of.func
    return getattr(of, "__qualname__", "")
