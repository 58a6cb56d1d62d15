"""One life of the link: a connection to one threads process, and what has been asked over it."""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from typing import NamedTuple

import msgspec
import structlog

from services.relay.log.here import WhoIsHere
from shared.plumbing.failpoints import reach, reach_at_once
from shared.plumbing.transport.packets import Packets
from shared.wire import codec
from shared.wire.link import (
    MAX_LINK_BYTES,
    AppendBatch,
    Appended,
    AppendFailed,
    Beat,
    Here,
    LinkReply,
    ReadBatch,
    ReadDone,
)

_BEAT_WITHIN_S = 3.0
_ANSWER_WITHIN_S = 3.0

Answer = Appended | AppendFailed | ReadDone
_decode = msgspec.json.Decoder(LinkReply).decode
log = structlog.get_logger()


class LinkLost(ConnectionError):
    """The link broke before the answer came: what was asked may have been done or not."""


class _Question(NamedTuple):
    """answer_by: loop time."""

    answer: asyncio.Future[Answer]
    answer_by: float


class Linked(Packets):
    """on_beat: called with every beat. here: all who have a socket here now.

    leaving: set once the process there says that it is about to end. ended: set when the connection is over.
    links: how many the process there has; 0: it does not say.
    """

    def __init__(
        self, on_beat: Callable[["Linked", Beat], None], here: Callable[[], Collection[int]]
    ) -> None:
        super().__init__(MAX_LINK_BYTES)
        self._on_beat = on_beat
        self._waiting: dict[int, _Question] = {}
        self._last_beat = 0.0
        self._left = False
        self.links = 0
        self.who = WhoIsHere(self._say, here)
        self.leaving = asyncio.Event()
        self.ended = asyncio.Event()

    async def ask(self, request: AppendBatch | ReadBatch) -> Answer:
        """Raises LinkLost; nothing more may be asked over it then."""
        loop = asyncio.get_running_loop()
        question = _Question(loop.create_future(), loop.time() + _ANSWER_WITHIN_S)
        self._waiting[request.batch] = question
        try:
            await reach("relay.before_link_send")
            if not self.open:
                raise LinkLost
            self.send(codec.encode(request))
            await reach("relay.after_link_send")
            return await question.answer
        except ConnectionError as error:
            raise LinkLost from error
        finally:
            self._waiting.pop(request.batch, None)
            self._close_if_left()

    def leave(self) -> None:
        """Nothing more is asked over it: it closes once everything is answered."""
        self._left = True
        self._close_if_left()

    async def watch(self) -> None:
        """Whoever does not beat, or does not answer, is given up. One timer for all: none a question."""
        loop = asyncio.get_running_loop()
        self._last_beat = loop.time()
        try:
            while (left_s := self._deadline() - loop.time()) > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left_s):
                        await self.ended.wait()
                    return
            log.warning("no beat or no answer on the link", waiting=len(self._waiting))
        finally:
            self.abort()

    # What the connection tells.

    def received(self, packet: bytes) -> None:
        try:
            reach_at_once("relay.link_answer")
            self._told(_decode(packet))
        except (msgspec.MsgspecError, ConnectionError) as error:
            log.warning("the link broke", error=repr(error))
            self.abort()

    def lost(self) -> None:
        self.ended.set()
        for question in self._waiting.values():
            if not question.answer.done():
                question.answer.set_exception(LinkLost())

    def _told(self, reply: LinkReply) -> None:
        if isinstance(reply, Beat):
            self._last_beat = asyncio.get_running_loop().time()
            self.links = reply.links
            if reply.ends:
                self.leaving.set()
            self._on_beat(self, reply)
        elif (asked := self._waiting.get(reply.batch)) is not None and not asked.answer.done():
            asked.answer.set_result(reply)

    def _deadline(self) -> float:
        beat_by = self._last_beat + _BEAT_WITHIN_S
        oldest = next(iter(self._waiting.values()), None)
        return beat_by if oldest is None else min(beat_by, oldest.answer_by)

    def _close_if_left(self) -> None:
        if self._left and not self._waiting:
            self.close()

    def _say(self, packet: Here) -> None:
        self.send(codec.encode(packet))
