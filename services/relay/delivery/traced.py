"""The traced events that the hub has yet to give out, and the spans that end when it has."""

from shared.plumbing.telemetry.traces import Span
from shared.wire.log import Delivery

_MAX = 1000
"""The oldest goes first: it will hardly come out any more."""

Key = tuple[int, int]


class TracedEvents(dict[Key, Span]):
    """By thread and seq. Empty, and so False, where no traces are taken."""

    def expect(self, event: Delivery, above: Span) -> None:
        """The hub is about to get it."""
        if len(self) >= _MAX:
            del self[next(iter(self))]
        self[event.thread, event.seq] = above

    def begin(self, event: Delivery) -> Span | None:
        """It goes out: from here on it is written to sockets."""
        above = self.get((event.thread, event.seq))
        return None if above is None else above.child("deliver")

    def end(self, event: Delivery, deliver: Span, sockets: int) -> None:
        """It is written to so many."""
        deliver.end(sockets=sockets)
        self.pop((event.thread, event.seq)).end()

    def forget(self, event: Delivery, head: int) -> None:
        """head: what the hub has given out of its thread: if this came another way before, nothing more happens."""
        if event.seq <= head and (span := self.pop((event.thread, event.seq), None)):
            span.end(late="yes")
