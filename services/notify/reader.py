"""Reads the log of all threads, and notes what devices are to be told of it, and which messages have links."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import asyncpg
import structlog

from services.notify.events import told_by
from services.notify.previews.links import looked_at
from services.notify.previews.queue import Previews
from services.notify.queries import notices, previews, reading, subscriptions
from services.notify.queries.notices import Noted
from services.notify.queries.previews import Waiting
from services.notify.queue import Queues
from services.notify.retry import TTL
from shared.plumbing.failpoints import reach
from shared.plumbing.http.rpc import Peer
from shared.plumbing.postgres.database import Database
from shared.plumbing.redis.directory import Directory
from shared.plumbing.telemetry.lag import Lag
from shared.wire.log_calls import LogAfter, Logged, LogPage
from shared.wire.problems import Problem

PAUSE_S = 0.5
_PAUSE_FOR_NOBODY_S = 1.0
"""While nobody has a device to tell, until somebody subscribes."""

_MANY, _PAUSE_WHERE_MANY_S = 50, 5.0
"""Events in such a pause; more of them are read seldom, since that would cost each of them."""

_PAGE, _PAGE_OF_FEW = 200, 2000
_NAMED = 1000
_TIME_TO_READ = timedelta(seconds=3)
"""For who has a socket; nobody else is waited for."""
_LAG = Lag("duet_notify_log_lag_seconds", "Since all of the log had been read for notices and previews", 60)
log = structlog.get_logger()


class Reader:
    """Its position and what it notes are written by one transaction, so nothing is skipped and nothing noted twice.

    linked: None where links are not looked at.
    """

    def __init__(
        self,
        database: Database,
        threads: Peer,
        directory: Directory,
        queues: Queues,
        linked: Previews | None,
    ) -> None:
        self._database = database
        self._threads = threads
        self._directory = directory
        self._queues = queues
        self._linked = linked
        self._position: str | None = None
        self._pause_s = PAUSE_S
        self._subscribing = asyncio.Event()

    def wake(self) -> None:
        """Somebody has subscribed, and is to be told of what comes from now on."""
        self._subscribing.set()

    async def run(self) -> None:
        """Reads until it is cancelled."""
        while True:
            self._subscribing.clear()
            try:
                while await self.round():
                    pass
                _LAG.caught_up()
            except (Problem, OSError, asyncpg.PostgresError) as error:
                log.warning("the log is not read", error=repr(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause_s):
                    await self._subscribing.wait()

    async def round(self) -> bool:
        """Reads a page and returns whether there is more. Raises Problem, OSError, PostgresError."""
        if self._position is None:
            async with self._database.connection() as conn:
                self._position = await reading.position(conn)
        before, self._position = self._position, None  # unknown, until it is written down
        people = await self._subscribed()
        limit = _PAGE if people is None else _PAGE_OF_FEW
        asked = LogAfter(before, limit, people, links=self._linked is not None)
        page = await self._threads.call("POST", "/internal/log", asked, of=LogPage, idempotent=True)
        self._pause_s = self._pause_after(page) if people == [] else PAUSE_S
        if page.missed:
            log.warning("a part of the log was missed")
        if page.next != before:
            await reach("notify.page_read")
            if people is not None and await self._more_than(people):
                self._position = before  # what they were sent since may have been left out of that page
                return True
            if not await self._note(page, before):
                return True  # it was somebody else's turn: the position is read anew
        self._position = page.next
        return page.more

    async def _subscribed(self) -> list[int] | None:
        """Whose threads are worth reading; None: too many to name."""
        async with self._database.connection() as conn:
            return await subscriptions.everybody(conn, _NAMED)

    async def _more_than(self, people: Sequence[int]) -> bool:
        """Whether somebody else has subscribed meanwhile."""
        now = await self._subscribed()
        return now is None or not set(now) <= set(people)

    def _pause_after(self, page: LogPage) -> float:
        """Where there is nobody to tell of it: links may wait, the longer the more is written."""
        seldom = self._linked is None or page.looked_through > _MANY
        return _PAUSE_WHERE_MANY_S if seldom else _PAUSE_FOR_NOBODY_S

    async def _note(self, page: LogPage, before: str) -> bool:
        """False where another process has gone on from there."""
        noted = await self._noted(page.events)
        hosts: set[str] = set()
        linked = self._links(page.events)
        async with self._database.transaction() as conn:
            if not await reading.advance(conn, before, page.next):
                return False
            if noted:
                hosts = await notices.note(conn, noted)
            if linked:
                await previews.note(conn, linked)
            await reach("notify.before_commit")
        await reach("notify.after_commit")
        for host in hosts:
            self._queues.wake(host)
        if linked and self._linked:
            self._linked.wake()
        return True

    def _links(self, events: Sequence[Logged]) -> list[Waiting]:
        """Of messages that have a link, or had one before an edit."""
        if self._linked is None:
            return []
        found = ((event, looked_at(event)) for event in events)
        return [Waiting(event.thread, seq, event.seq, event.sender) for event, seq in found if seq]

    async def _noted(self, events: Sequence[Logged]) -> list[Noted]:
        """For people with a device, each person and thread once."""
        told = [(event, to) for event in events if (to := told_by(event)) is not None]
        if not told:
            return []
        async with self._database.connection() as conn:
            subscribed = await subscriptions.subscribed(conn, list({to.user for _, to in told}))
        if not subscribed:
            return []
        here = await self._here(subscribed)
        found: dict[tuple[int, int], Noted] = {}
        for event, to in told:
            if to.user not in subscribed or event.created_at + TTL < datetime.now(UTC):
                continue
            due_at = event.created_at + _TIME_TO_READ * (to.user in here)
            new = Noted(
                to.user,
                event.thread,
                to.peer,
                to.peer_name,
                to.what,
                event.seq,
                event.created_at,
                due_at,
                due_at,
            )
            known = found.setdefault((to.user, event.thread), new)
            first, last = (known, new) if known.seq < new.seq else (new, known)
            last.first_due_at = min(first.first_due_at, last.first_due_at)
            found[to.user, event.thread] = last
        return list(found.values())

    async def _here(self, users: set[int]) -> set[int]:
        """Who of them has a socket; all, while Redis is away and nobody knows."""
        if await self._directory.lives() is None:
            return users
        return await self._directory.online(users)
