"""The link: one kept-open connection to threads. Requests and answers by number, and a beat a second."""

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine, Iterable
from functools import partial
from typing import Any, NamedTuple

import msgspec
import structlog

from services.relay.log.here import WhoIsHere
from services.relay.metrics import FEED_LAG, LINK_BREAKS, LINK_UP
from shared.plumbing.failpoints import reach, reach_at_once
from shared.plumbing.http.head import request_head
from shared.plumbing.http.rpc import Peer
from shared.plumbing.tasks import running
from shared.plumbing.transport.packets import ASK, Packets, open_packets
from shared.wire import codec
from shared.wire.log import (
    MAX_LINK_BYTES,
    AppendBatch,
    Appended,
    AppendFailed,
    Beat,
    Head,
    Here,
    LinkReply,
    ReadBatch,
    ReadDone,
)
from shared.wire.problems import Problem

PATH = "/internal/link"
_BEAT_WITHIN_S = 3.0
_ANSWER_WITHIN_S = 3.0
_MIN_PAUSE_S = 0.05
_MAX_PAUSE_S = 1.0

Answer = Appended | AppendFailed | ReadDone
_decode = msgspec.json.Decoder(LinkReply).decode
log = structlog.get_logger()


class LinkLost(ConnectionError):
    """The link broke before the answer came: what was asked may have been done or not."""


class _Question(NamedTuple):
    """answer_by: loop time."""

    answer: asyncio.Future[Answer]
    answer_by: float


class _Connection(Packets):
    """One life of the link. take: called with every reply. ended: set when it is over. here: as in Link."""

    def __init__(self, take: Callable[[LinkReply], None], here: Callable[[], Collection[int]]) -> None:
        super().__init__(MAX_LINK_BYTES)
        self._reply = take
        self.who = WhoIsHere(self._say, here)
        self.ended = asyncio.Event()

    def received(self, packet: bytes) -> None:
        try:
            reach_at_once("relay.link_answer")
            self._reply(_decode(packet))
        except (msgspec.MsgspecError, ConnectionError) as error:
            log.warning("the link broke", error=repr(error))
            self.abort()

    def lost(self) -> None:
        self.ended.set()

    def _say(self, packet: Here) -> None:
        self.send(codec.encode(packet))


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
        self._connection: _Connection | None = None
        self._connected = asyncio.Event()
        self._waiting: dict[int, _Question] = {}
        self._number = 0
        self._last_beat = 0.0

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
        connection, loop = self._connection, asyncio.get_running_loop()
        if connection is None:
            raise LinkLost
        question = _Question(loop.create_future(), loop.time() + _ANSWER_WITHIN_S)
        self._waiting[request.batch] = question
        try:
            await reach("relay.before_link_send")
            if not connection.open:
                raise LinkLost
            connection.send(codec.encode(request))
            await reach("relay.after_link_send")
            return await question.answer
        except ConnectionError as error:
            self._drop(connection)
            raise LinkLost from error
        finally:
            self._waiting.pop(request.batch, None)

    async def run(self) -> None:
        """Keeps the link forever."""
        pause_s = _MIN_PAUSE_S
        while True:
            head = request_head(f"GET {PATH}", self._threads.program, self._threads.token(), ASK)
            try:
                connection = await open_packets(
                    self._threads.address, head, _Connection(self._take, self._here)
                )
            except (OSError, TimeoutError) as error:
                log.debug("no link", error=repr(error))
                await asyncio.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311
                pause_s = min(pause_s * 2, _MAX_PAUSE_S)
                continue
            pause_s = _MIN_PAUSE_S
            await self._hold(connection)

    async def _hold(self, connection: _Connection) -> None:
        log.info("linked to threads", version=connection.version)
        self._connection = connection
        self._last_beat = asyncio.get_running_loop().time()
        self._connected.set()
        LINK_UP.set(1)
        self.doubt()
        try:
            async with running(partial(self._watch, connection), self._compare):
                await connection.ended.wait()
        finally:
            LINK_BREAKS.inc()
            self._drop(connection)
            for question in self._waiting.values():
                if not question.answer.done():
                    question.answer.set_exception(LinkLost())

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

    async def _watch(self, connection: _Connection) -> None:
        """Whoever does not beat, or does not answer, is given up. One timer for all: none a question."""
        loop = asyncio.get_running_loop()
        while (left_s := self._deadline() - loop.time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left_s)
        log.warning("no beat or no answer on the link", waiting=len(self._waiting))
        self._drop(connection)

    def _deadline(self) -> float:
        beat_by = self._last_beat + _BEAT_WITHIN_S
        oldest = next(iter(self._waiting.values()), None)
        return beat_by if oldest is None else min(beat_by, oldest.answer_by)

    def _drop(self, connection: _Connection) -> None:
        """Nobody asks over it any more: who repeats a question at once must not find it again."""
        connection.abort()
        if self._connection is connection:
            self._connection = None
            self._connected.clear()
            LINK_UP.set(0)

    def _take(self, reply: LinkReply) -> None:
        if isinstance(reply, Beat):
            self._last_beat = asyncio.get_running_loop().time()
            FEED_LAG.caught_up()
            if not self._on_heads(reply.heads, reply.log) or reply.missed:
                self.doubt()
            if self._connection is not None and (users := self._connection.who.beat(reply.here)):
                self._doubt(users)
        elif (asked := self._waiting.get(reply.batch)) is not None and not asked.answer.done():
            asked.answer.set_result(reply)
