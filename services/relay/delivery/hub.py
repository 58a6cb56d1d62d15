"""The hub: delivers what a node learns to its connections, in seq order, once.

Whoever learns of something offers it: the append's answer, the node's stream, the heads feed, a fetch. Duplicates,
disorder and losses on the way are harmless. No I/O here: a gap is reported, and someone else fills it.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from services.relay.delivery.traced import TracedEvents
from services.relay.metrics import HUB_THREADS
from services.relay.transport.framing import text_frame
from shared.plumbing.telemetry.traces import Span
from shared.wire.accounts import Seeing, Setting
from shared.wire.log import Delivery, Head

UNKNOWN = -1
"""The head of a thread while the heads of none of its members here have been read."""

_MAX_WAITING = 256


class Reader(Protocol):
    """What the hub knows of a connection."""

    def deliver(self, thread: int, seq: int, frame: bytes) -> None:
        """An event of a thread; every connection of a member gets every one, in order."""

    def notify(self, frame: bytes) -> None:
        """A frame that is not stored."""


class Thread:
    """head: the last seq that went out. top: the highest seq heard of. waiting: events that came too early."""

    __slots__ = ("filling", "head", "high", "id", "low", "top", "waiting")

    def __init__(self, id: int, low: int, high: int, head: int) -> None:
        self.id = id
        self.low = low
        self.high = high
        self.head = head
        self.top = head
        self.waiting: dict[int, Delivery] | None = None
        self.filling = False

    @property
    def lacks(self) -> bool:
        """Whether the log has more than has gone out."""
        return UNKNOWN < self.head < self.top


class Member:
    """A user with connections here. threads: by the other member's id. loaded: all of the user's are there.

    seeing: what they let others see; None until they are welcomed, and then nothing is shown.
    """

    __slots__ = ("connections", "loaded", "seeing", "threads", "user")

    def __init__(self, user: int) -> None:
        self.user = user
        self.connections: tuple[Reader, ...] = ()
        self.threads: dict[int, Thread] = {}
        self.loaded = False
        self.seeing: Seeing | None = None

    def shows(self, setting: Setting) -> bool:
        """Whether they show it, and so may see it."""
        return self.seeing is not None and self.seeing.shows(setting)


class Hub:
    """on_gap: called when a thread lacks events; fetch them and offer them."""

    def __init__(self, on_gap: Callable[[Thread], None]) -> None:
        self.members: dict[int, Member] = {}
        self.threads: dict[int, Thread] = {}
        self._traced = TracedEvents()
        self._on_gap = on_gap

    def register(self, user: int, connection: Reader) -> None:
        """From now on `connection` gets what concerns `user`."""
        member = self.members.get(user)
        if member is None:
            member = self.members[user] = Member(user)
        member.connections += (connection,)

    def unregister(self, user: int, connection: Reader) -> Member | None:
        """The member if that was their last connection here; their threads without a local member are forgotten."""
        member = self.members.get(user)
        if member is None or connection not in member.connections:
            return None
        member.connections = tuple(other for other in member.connections if other is not connection)
        if member.connections:
            return None
        del self.members[user]
        for peer, thread in member.threads.items():
            other = self.members.get(peer)
            if other is None or user not in other.threads:
                del self.threads[thread.id]
        HUB_THREADS.set(len(self.threads))
        return member

    def load(self, user: int, heads: Iterable[Head], *, whole: bool = True) -> None:
        """Threads of a local user, as read after the user was registered. whole: with these, all of them are there."""
        if (member := self.members.get(user)) is None:
            return
        for head in heads:
            self.offer_head(head)
            thread = self.threads[head.thread]
            member.threads[head.high if user == head.low else head.low] = thread
            if thread.head == UNKNOWN:
                _start_at(thread, head.head)
                self._proceed(thread)
        if whole and not member.loaded:
            member.loaded = True
            for thread in member.threads.values():  # one that began after the heads were read
                if thread.head == UNKNOWN:
                    _start_at(thread, 0)
                    self._proceed(thread)

    def offer(self, event: Delivery) -> None:
        """Takes an event of the log, wherever it comes from."""
        thread = self.threads.get(event.thread)
        if thread is None:
            thread = self._begin(event.thread, event.low, event.high)
            if thread is None:
                return
        if event.seq <= thread.head:
            return
        thread.top = max(thread.top, event.seq)
        if event.seq == thread.head + 1:
            self._deliver(thread, event)
        elif thread.waiting is None:
            thread.waiting = {event.seq: event}
        elif len(thread.waiting) < _MAX_WAITING:
            thread.waiting[event.seq] = event
        self._proceed(thread)

    def offer_traced(self, event: Delivery, span: Span) -> None:
        """As `offer`. span: ends when the event has gone out."""
        self._traced.expect(event, span)
        self.offer(event)
        if (thread := self.threads.get(event.thread)) is not None:
            self._traced.forget(event, thread.head)

    def offer_head(self, head: Head) -> None:
        """Takes the head of a thread, wherever it comes from."""
        thread = self.threads.get(head.thread) or self._begin(head.thread, head.low, head.high)
        if thread is not None and head.head > thread.top:
            thread.top = head.head
            self._proceed(thread)

    def notify(self, user: int, frame: bytes, about: Setting | None = None) -> None:
        """A frame that is not stored, for every connection of `user` here. about: what they have to show to get it."""
        if (member := self.members.get(user)) and (about is None or member.shows(about)):
            for connection in member.connections:
                connection.notify(frame)

    def forget_all(self) -> None:
        """Another log: forgets everything that was known of the threads."""
        self.threads.clear()
        for member in self.members.values():
            member.threads.clear()
            member.loaded = False

    def _begin(self, id: int, low: int, high: int) -> Thread | None:
        """A new entry for a thread; None if neither member is here."""
        here = [
            (member, peer)
            for member, peer in ((self.members.get(low), high), (self.members.get(high), low))
            if member is not None
        ]
        if not here:
            return None
        # A member whose threads are all known has none with this id: so it began after they were read.
        head = 0 if any(member.loaded for member, _ in here) else UNKNOWN
        thread = self.threads[id] = Thread(id, low, high, head)
        for member, peer in here:
            member.threads[peer] = thread
        HUB_THREADS.set(len(self.threads))
        return thread

    def _proceed(self, thread: Thread) -> None:
        if thread.waiting is not None:
            while following := thread.waiting.pop(thread.head + 1, None):
                self._deliver(thread, following)
            if not thread.waiting:
                thread.waiting = None
        if thread.lacks and not thread.filling:
            self._on_gap(thread)

    def _deliver(self, thread: Thread, event: Delivery) -> None:
        thread.head = event.seq
        span = self._traced.begin(event) if self._traced else None
        for user, raw in ((event.low, event.for_low), (event.high, event.for_high)):
            if member := self.members.get(user):
                frame = text_frame(raw)
                for connection in member.connections:
                    connection.deliver(thread.id, event.seq, frame)
        if span is not None:
            self._traced.end(event, span, self._sockets_of(event))

    def _sockets_of(self, event: Delivery) -> int:
        here = filter(None, map(self.members.get, (event.low, event.high)))
        return sum(len(member.connections) for member in here)


def _start_at(thread: Thread, head: int) -> None:
    thread.head = head
    thread.top = max(thread.top, head)
    if thread.waiting is not None:
        thread.waiting = {seq: event for seq, event in thread.waiting.items() if seq > head}
