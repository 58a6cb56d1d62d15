"""What was sent and what came: latency, loss, repeats and order, judged at each receiver against the sender's order."""

from array import array
from dataclasses import dataclass, field


class Flow:
    """What one person sends. `times[n - base]`: when message n was due."""

    __slots__ = ("at_peer", "at_sender", "base", "times")

    def __init__(self) -> None:
        self.base = 0
        self.times: list[float] = []
        self.at_peer = Arrivals()
        self.at_sender = Arrivals()

    def begin(self) -> None:
        """Later arrivals of what was sent before are ignored."""
        self.base += len(self.times)
        self.times = []
        self.at_peer = Arrivals(self.base)
        self.at_sender = Arrivals(self.base)

    @property
    def next_number(self) -> int:
        return self.base + len(self.times)

    @property
    def acknowledged(self) -> int:
        return self.at_sender.count


class Arrivals:
    """One receiver's view of one flow."""

    __slots__ = ("count", "expected", "missing", "reordered", "repeated")

    def __init__(self, base: int = 0) -> None:
        self.expected = base
        self.missing: set[int] = set()
        self.count = self.reordered = self.repeated = 0

    def take(self, number: int) -> bool:
        """False for one that came before."""
        if number == self.expected:
            self.expected += 1
        elif number > self.expected:
            self.missing.update(range(self.expected, number))
            self.expected = number + 1
        elif number in self.missing:
            self.missing.remove(number)
            self.reordered += 1
        else:
            self.repeated += 1
            return False
        self.count += 1
        return True


@dataclass
class Tally:
    """One phase in one process; `+` adds up those of several. Latencies in ms, from when a message was due.

    delivered: received by the other person; acknowledged: received back by the sender.
    reordered, repeated: over both receivers. late_ms: how far behind its own schedule the generator sent.
    cpu_s: of the generator itself.
    """

    sent: int = 0
    delivered: int = 0
    acknowledged: int = 0
    repeated: int = 0
    reordered: int = 0
    delivery_ms: "array[float]" = field(default_factory=lambda: array("d"))
    acknowledgement_ms: "array[float]" = field(default_factory=lambda: array("d"))
    late_ms: "array[float]" = field(default_factory=lambda: array("d"))
    cpu_s: float = 0.0
    closed: int = 0
    refused: int = 0

    def count(self, flow: Flow) -> None:
        self.sent += len(flow.times)
        self.delivered += flow.at_peer.count
        self.acknowledged += flow.at_sender.count
        for arrivals in (flow.at_peer, flow.at_sender):
            self.repeated += arrivals.repeated
            self.reordered += arrivals.reordered

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            *(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True))
        )

    @property
    def lost(self) -> int:
        """Messages that the other person never got."""
        return self.sent - self.delivered
