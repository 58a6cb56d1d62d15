"""A connection: one user's socket, what it has been given of each thread, and what it may do next."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Protocol
from uuid import UUID

from services.relay.metrics import QUEUE_DROPS
from services.relay.order import MAX_REJECTED, SendOrder
from services.relay.transport.framing import text_frame
from services.relay.transport.share import Share
from services.relay.transport.socket import Hold, Queued, Socket
from shared.plumbing.identity import User
from shared.wire import codec
from shared.wire.frames import Close, ErrorFrame, Rejected, Welcome
from shared.wire.problems import Problem

_MAX_UNANSWERED = 64
"""Sends of one connection that wait for an answer; beyond, it is not read."""
_MAX_EARLY = 64
"""Frames that are kept for a connection until it is welcomed."""


class Keeper(Protocol):
    """What a connection asks of its node."""

    def catch_up(self, connection: "Connection") -> None: ...
    def gone(self, connection: "Connection") -> None: ...
    def share_of(self, user: int) -> Share: ...


class Connection(Socket):
    """handle: called with every text message; raises nothing but ProtocolError.

    behind: thread -> cursor, where it is not live. greeted: the welcome is written. replaying: a task pages for it.
    """

    __slots__ = (
        "_early",
        "_handle",
        "_keeper",
        "_order",
        "_unanswered",
        "behind",
        "greeted",
        "replaying",
        "said_hello",
        "user",
    )

    def __init__(self, user: User, handle: "Handle", keeper: Keeper) -> None:
        super().__init__(keeper.share_of(user.id))
        self._handle = handle
        self._keeper = keeper
        self._order: SendOrder | None = None
        self._early: tuple[bytes, ...] = ()
        self._unanswered = 0
        self.user = user
        self.behind: dict[int, int] | None = None
        self.greeted = False
        self.said_hello = False
        self.replaying = False

    def expect_hello(self, within_s: float) -> None:
        """Closes with 4000 if no hello is said in time."""
        self._close_in(within_s, Close.NO_HELLO, "no hello")

    def expect_welcome(self, within_s: float) -> None:
        """Closes with 1013 if the hello is not answered in time: until then nothing shows whether the peer is there."""
        self._close_in(within_s, Close.TRY_LATER, "not available just now")

    def _close_in(self, seconds: float, code: int, reason: str) -> None:
        self.set_timer(asyncio.get_running_loop().call_later(seconds, self.close, code, reason))

    def welcomed(self, welcome: Welcome) -> None:
        """From now on it gets whatever the hub delivers; and now what it was to be told since it said hello."""
        self.set_timer(None)
        self.greeted = True
        self.tell(welcome)
        for frame in self._early:
            self.send_if_room(frame)
        self._early = ()

    def received(self, payload: bytes) -> None:
        self._handle(self, payload)

    def lost(self) -> None:
        self._keeper.gone(self)

    # Cursors.

    def set_behind(self, thread: int, cursor: int) -> None:
        """This connection has everything up to `cursor` and is not live."""
        if self.behind is None:
            self.behind = {}
        self.behind[thread] = cursor

    def set_live(self, thread: int) -> None:
        """This connection has everything that the hub has delivered."""
        if self.behind is not None:
            self.behind.pop(thread, None)
            if not self.behind:
                self.behind = None

    def deliver(self, thread: int, seq: int, frame: bytes) -> None:
        """An event from the hub, which gives every one in order; skipped while this connection is behind."""
        if not self.greeted:
            return
        if self.behind is not None and (cursor := self.behind.get(thread)) is not None:
            if seq != cursor + 1:
                return
            self.set_live(thread)
        self.give(thread, seq, frame)

    def give(self, thread: int, seq: int, frame: bytes) -> None:
        """The next event of a thread."""
        if self._order is not None and self._order.settling != seq:
            self._order.delivered(frame)
        self.send(frame, thread, seq)

    def overflowed(self, dropped: Iterable[Queued]) -> None:
        QUEUE_DROPS.inc()
        for queued in dropped:
            if self.behind is None or queued.thread not in self.behind:
                self.set_behind(queued.thread, queued.seq - 1)

    def drained(self) -> None:
        if self.behind is not None:
            self._keeper.catch_up(self)

    # Frames that are not stored.

    def notify(self, frame: bytes) -> None:
        """Before the welcome it is kept until then: that may be made of what was read before."""
        if self.greeted:
            self.send_if_room(frame)
        elif len(self._early) < _MAX_EARLY:
            self._early += (frame,)

    def tell(self, frame: object) -> None:
        """A frame for this socket alone."""
        self.send(text_frame(codec.encode(frame)))

    def complain(self, problem: Problem) -> None:
        """Reports a problem with a frame that nothing was to be stored of."""
        self.tell(ErrorFrame(problem.document()))

    def reject(self, number: int, client_id: str, to: str, problem: Problem) -> None:
        """A send or do that is not stored; a retryable one must come again before later ones to the same person."""
        self.tell(Rejected(client_id, problem.document()))
        if problem.retry:
            self.order.rejected(number, to, UUID(client_id).int)
            if self.order.overdue > MAX_REJECTED:
                self.close(Close.TRY_LATER, "too many rejected sends")
        elif self._order is not None:
            with contextlib.suppress(ValueError):  # it may be no id at all
                self._order.over(to, UUID(client_id).int)

    @property
    def order(self) -> SendOrder:
        """Of this connection's sends."""
        if self._order is None:
            self._order = SendOrder(self.user.username)
        return self._order

    # Sends that wait for their answer.

    def asked(self, *, congested: bool = False) -> None:
        """congested: the node has enough to do, so this connection is not read until it has its answers."""
        self._unanswered += 1
        if congested or self._unanswered >= _MAX_UNANSWERED:
            self.hold(Hold.BATCH)

    def answered(self) -> None:
        self._unanswered -= 1
        if self._unanswered in (0, _MAX_UNANSWERED // 2):
            self.release(Hold.BATCH)


Handle = Callable[[Connection, bytes], None]
