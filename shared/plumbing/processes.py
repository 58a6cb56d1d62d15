"""Processes that their owner may give up at any moment, which then have ended before the owner goes on."""

import asyncio
import contextlib
from asyncio.subprocess import Process
from collections.abc import Coroutine
from typing import Any

from shared.plumbing.tasks import finish


async def spawned(starting: Coroutine[Any, Any, Process]) -> Process:
    """starting: create_subprocess_exec(…). Whoever cancels this, even again and again, leaves no process behind."""
    task = asyncio.create_task(starting)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await finish(_give_up(task))
        raise


async def killed(process: Process) -> None:
    """Ends it, whatever it does, and however often this is cancelled."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await finish(process.wait())


async def _give_up(starting: asyncio.Task[Process]) -> None:
    with contextlib.suppress(OSError):
        await killed(await starting)
