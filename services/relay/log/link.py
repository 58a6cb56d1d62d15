"""The link: one kept-open connection to threads. Requests and answers by number, and a beat a second.

Of several threads processes it is to one. When that says that it is about to end, another connection is opened first,
and what is asked from then on goes there; the first one closes when it has answered what it was asked. So it is when
another process is found that has fewer links: one that was added, since whoever starts finds the others.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import Any

import structlog

from services.relay.log.linked import Answer, Linked, LinkLost
from services.relay.metrics import FEED_LAG, LINK_BREAKS, LINK_UP
from shared.plumbing.http.head import request_head
from shared.plumbing.http.rpc import Peer
from shared.plumbing.tasks import Tasks, end, running
from shared.plumbing.transport.packets import ASK, open_packets
from shared.wire.link import INSTEAD_HEADER, LINKS_HEADER, AppendBatch, Beat, ReadBatch
from shared.wire.log import Head
from shared.wire.problems import Problem

PATH = "/internal/link"
_INSTEAD = (*ASK, (INSTEAD_HEADER, "1"))
_LOOK_AFTER_S = (30.0, 90.0)
_MIN_PAUSE_S = 0.05
_MAX_PAUSE_S = 1.0

log = structlog.get_logger()


class Link:
    """on_heads: the heads feed; False: not of the log that is known here.

    on_missed: after every (re)connection, and whenever beats may have been missed: of these users, None: of all.
    here: all who have a socket here now.
    """

    def __init__(
        self,
        threads: Peer,
        on_heads: Callable[[list[Head], str], bool],
        on_missed: Callable[[Collection[int] | None], Coroutine[Any, Any, None]],
        here: Callable[[], Collection[int]],
    ) -> None:
        self._threads = threads
        self._on_heads = on_heads
        self._on_missed = on_missed
        self._here = here
        self._missed = asyncio.Event()
        self._missed_by: set[int] | None = set()
        self._connection: Linked | None = None
        self._connected = asyncio.Event()
        self._watches = Tasks()
        self._number = 0

    @property
    def up(self) -> bool:
        return self._connection is not None

    async def check(self) -> str:
        """For readiness: the link stands."""
        if self._connection is None:
            raise LinkLost
        return "ok"

    def doubt(self) -> None:
        """The log may be another one, or something of it was missed: all heads are compared soon."""
        self._doubt(None)

    def came(self, users: Collection[int]) -> None:
        """From now on they are here. Call before their heads are read: threads then tells what comes after."""
        if self._connection is not None:
            self._connection.who.came(users)

    def left(self, user: int) -> None:
        """They are not here any more."""
        if self._connection is not None:
            self._connection.who.left(user)

    def number(self) -> int:
        """A fresh number for a request."""
        self._number += 1
        return self._number

    async def ask(self, request: AppendBatch | ReadBatch) -> Answer:
        """Waits for the link, sends, waits for the answer. Raises LinkLost."""
        await self._connected.wait()
        connection = self._connection
        if connection is None:
            raise LinkLost
        try:
            return await connection.ask(request)
        except LinkLost:
            self._drop(connection)
            raise

    async def run(self) -> None:
        """Keeps the link forever."""
        try:
            while True:
                self._take_up(await self._opened(ASK))
                async with running(self._compare):
                    while (connection := self._connection) is not None:
                        await self._hold(connection)
                LINK_BREAKS.inc()
        finally:
            await self._watches.close()

    async def _opened(self, ask: Iterable[tuple[str, str]]) -> Linked:
        """Tries until there is one."""
        pause_s = _MIN_PAUSE_S
        while True:
            try:
                return await self._open(ask)
            except (OSError, TimeoutError) as error:
                log.debug("no link", error=repr(error))
            await asyncio.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311
            pause_s = min(pause_s * 2, _MAX_PAUSE_S)

    async def _open(self, ask: Iterable[tuple[str, str]]) -> Linked:
        """Raises OSError, TimeoutError."""
        head = request_head(f"GET {PATH}", self._threads.program, self._threads.token(), ask)
        return await open_packets(self._threads.address, head, Linked(self._beat, self._here))

    def _take_up(self, connection: Linked) -> None:
        """From now on questions go over this one, and its beats count."""
        log.info("linked to threads", version=connection.version)
        self._watches.start(connection.watch())
        self._connection = connection
        self._connected.set()
        LINK_UP.set(1)
        self.doubt()

    async def _hold(self, connection: Linked) -> None:
        """Until it is over, or another one has taken its place."""
        moved, ended = (
            asyncio.create_task(part) for part in (self._move(connection), connection.ended.wait())
        )
        try:
            await asyncio.wait((moved, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(moved, ended)
        if connection.ended.is_set():
            self._drop(connection)
        if not moved.cancelled():
            moved.result()

    async def _move(self, connection: Linked) -> None:
        """Once the process there is about to end, or another one has less to do: to that one."""
        other = None
        while other is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(*_LOOK_AFTER_S)):  # noqa: S311
                    await connection.leaving.wait()
            if connection.leaving.is_set():
                log.info("threads is about to end, and is left")
                other = await self._opened(_INSTEAD)
            else:
                other = await self._with_fewer_links(connection)
        self._take_up(other)
        connection.leave()

    async def _with_fewer_links(self, connection: Linked) -> Linked | None:
        """Where a balancer leads: to a process that has fewer, even with this one."""
        if connection.links < 2:
            return None
        try:
            found = await self._open(_INSTEAD)
        except (OSError, TimeoutError):
            return None
        there = int(found.told(LINKS_HEADER) or connection.links)
        if there < connection.links:
            log.info("another threads has fewer links", there=there, here=connection.links)
            return found
        found.close()
        return None

    async def _compare(self) -> None:
        """Whenever beats may have been missed: until that is made good, tries again."""
        while True:
            await self._missed.wait()
            self._missed.clear()
            users, self._missed_by = self._missed_by, set()
            try:
                await self._on_missed(users)
            except Exception as error:  # whatever it is: what was missed would stay so
                expected = isinstance(error, Problem | OSError)
                log.warning("heads cannot be compared", error=repr(error), exc_info=not expected)
                self._doubt(users)
                await asyncio.sleep(_MAX_PAUSE_S)

    def _doubt(self, users: Iterable[int] | None) -> None:
        """Heads of theirs may have been missed. None: of all."""
        self._missed_by = None if users is None or self._missed_by is None else self._missed_by.union(users)
        self._missed.set()

    def _drop(self, connection: Linked) -> None:
        """Nobody asks over it any more: who repeats a question at once must not find it again."""
        connection.abort()
        if self._connection is connection:
            self._connection = None
            self._connected.clear()
            LINK_UP.set(0)

    def _beat(self, connection: Linked, beat: Beat) -> None:
        """One that has been left says nothing that the next does not."""
        if connection is not self._connection:
            return
        FEED_LAG.caught_up()
        if not self._on_heads(beat.heads, beat.log) or beat.missed:
            self.doubt()
        if users := connection.who.beat(beat.here):
            self._doubt(users)
