"""Brings connections that are behind up to the hub: page after page, one thread at a time."""

import asyncio
import random

from services.relay.connection import Connection
from services.relay.delivery.gaps import Fetch
from services.relay.delivery.hub import Hub, Thread
from services.relay.limits import Limits
from services.relay.metrics import FETCHES
from services.relay.transport.framing import text_frame
from shared.plumbing.failpoints import reach
from shared.plumbing.limits.keyed_semaphore import KeyedSemaphore
from shared.plumbing.tasks import Tasks
from shared.wire.log import Delivery
from shared.wire.log_calls import Deliveries
from shared.wire.problems import Problem

_MAX_PAUSE_S = 2.0
_PAGES_AT_ONCE = 2
"""Of one person, over all of their connections, since a page may have a megabyte."""


class Replay:
    """Runs one task for each connection that is behind, and none for a live one.

    limits: how many bytes one person gets, over all of their connections.
    """

    def __init__(self, hub: Hub, fetch: Fetch, limits: Limits) -> None:
        self._hub = hub
        self._fetch = fetch
        self._pages = KeyedSemaphore(_PAGES_AT_ONCE)
        self._limits = limits
        self._tasks = Tasks()

    def catch_up(self, connection: Connection) -> None:
        """Starts paging, unless it is under way or nothing is missing."""
        if connection.replaying or connection.slow or self._next(connection) is None:
            return
        connection.replaying = True
        self._tasks.start(self._run(connection))

    async def _run(self, connection: Connection) -> None:
        pause_s = 0.1
        try:
            # A slow reader's paging starts again when it has drained.
            while connection.open and not connection.slow and (thread := self._next(connection)):
                if await self._bring(connection, thread):
                    pause_s = 0.1
                    continue
                await asyncio.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311
                pause_s = min(pause_s * 2, _MAX_PAUSE_S)
        finally:
            connection.replaying = False

    async def _bring(self, connection: Connection, thread: Thread) -> bool:
        """Delivers the next page when it is this person's turn; True if it came. No page outlives its turn."""
        async with self._pages.of(connection.user.id):
            page = await self._page(connection, thread)
            if page is not None:
                self._give(connection, thread, page)
            return page is not None

    def _next(self, connection: Connection) -> Thread | None:
        """A thread that the hub is further in than the connection; those at the hub's head go live."""
        live, found = [], None
        for id, cursor in (connection.behind or {}).items():  # no copy: it may be behind in 10,000
            thread = self._hub.threads.get(id)
            if thread is None or cursor == thread.head:
                live.append(id)
            elif cursor < thread.head:
                found = thread
                break
        for id in live:
            connection.set_live(id)
        return found

    async def _page(self, connection: Connection, thread: Thread) -> Deliveries | None:
        user = connection.user.id
        if wait_s := self._limits.replay(user):
            await asyncio.sleep(wait_s)
        cursor = (connection.behind or {}).get(thread.id)
        if cursor is None:
            return Deliveries([], thread.head)
        try:
            await reach("relay.before_replay")
            FETCHES.labels("replay").inc()
            page = await self._fetch(thread.id, (thread.low, thread.high), cursor)
        except (Problem, OSError):
            return None
        self._limits.replayed(user, sum(len(event.for_low) for event in page.deliveries))
        return page

    def _give(self, connection: Connection, thread: Thread, page: Deliveries) -> None:
        for event in page.deliveries:
            if connection.slow:
                return
            cursor = (connection.behind or {}).get(thread.id)
            if event.seq > thread.head:
                self._hub.offer(event)  # reaches this connection, too, which goes live with it
            elif cursor is not None and event.seq == cursor + 1:
                connection.set_behind(thread.id, event.seq)
                connection.give(thread.id, event.seq, frame_for(connection.user.id, event))
        if not page.deliveries and (connection.behind or {}).get(thread.id, thread.head) < thread.head:
            connection.set_live(thread.id)  # the log is shorter than the hub believes: another log

    async def close(self) -> None:
        """Ends what is under way."""
        await self._tasks.close()


def frame_for(user: int, event: Delivery) -> bytes:
    """The event as `user`, a member, sees it. Raises ValueError for anybody else."""
    if user == event.low:
        return text_frame(event.for_low)
    if user == event.high:
        return text_frame(event.for_high)
    raise ValueError("not a member of this thread")
