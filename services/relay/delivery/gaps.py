"""Fills gaps: fetches from the log whatever the hub has missed for longer than a moment."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from services.relay.delivery.hub import Hub, Thread
from services.relay.metrics import FETCHES, REPAIRED
from shared.plumbing.failpoints import reach
from shared.plumbing.tasks import Tasks
from shared.wire.log_calls import Deliveries
from shared.wire.problems import Problem

PATIENCE_S = 0.05
_MAX_PAUSE_S = 1.0
Fetch = Callable[[int, tuple[int, int], int], Awaitable[Deliveries]]
"""(thread, its members, after) -> up to a page of what comes after."""


class Gaps:
    """One fetch a thread at a time. hub: set before the first gap."""

    hub: Hub

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._tasks = Tasks()

    def noticed(self, thread: Thread) -> None:
        """Gives what is missing a moment to arrive, then fetches it."""
        thread.filling = True
        asyncio.get_running_loop().call_later(PATIENCE_S, self._start, thread)

    def _start(self, thread: Thread) -> None:
        if not self._wanted(thread):
            thread.filling = False
            return
        self._tasks.start(self._fill(thread))

    async def _fill(self, thread: Thread) -> None:
        pause_s = 0.05
        try:
            while self._wanted(thread):
                before, rumoured = thread.head, thread.top
                try:
                    await reach("relay.before_fetch")
                    FETCHES.labels("gap").inc()
                    page = await self._fetch(thread.id, (thread.low, thread.high), before)
                except (Problem, OSError):
                    page = None
                if page is not None:
                    hinted = thread.waiting or ()
                    REPAIRED.inc(
                        sum(one.seq > thread.head and one.seq not in hinted for one in page.deliveries)
                    )
                    for event in page.deliveries:
                        self.hub.offer(event)
                if thread.head > before:
                    continue
                if page is not None and page.head <= before and thread.top == rumoured:
                    thread.top, thread.waiting = before, None  # nothing is there
                await asyncio.sleep(random.uniform(0, pause_s))  # noqa: S311
                pause_s = min(pause_s * 2, _MAX_PAUSE_S)
        finally:
            thread.filling = False

    def _wanted(self, thread: Thread) -> bool:
        return thread.lacks and self.hub.threads.get(thread.id) is thread

    async def close(self) -> None:
        """Cancels the fetches under way."""
        await self._tasks.close()
