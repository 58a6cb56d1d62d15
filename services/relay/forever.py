"""Tasks that must not end while the node lives."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import structlog

from shared.plumbing.app import end

_PAUSE_S = 0.2
log = structlog.get_logger()


async def forever(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs `run()`, and again after each error, which is logged."""
    while True:
        try:
            await run()
        except Exception:
            log.exception("a task failed and starts again", task=getattr(run, "__qualname__", ""))
            await asyncio.sleep(_PAUSE_S)


@contextlib.asynccontextmanager
async def running(*runs: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """All of these, for ever, until the end of the block."""
    tasks = [asyncio.create_task(forever(run)) for run in runs]
    try:
        yield
    finally:
        await end(*tasks)
