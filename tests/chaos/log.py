"""What one device has applied of one thread, with every breach of order noted as it happens."""

from dataclasses import dataclass, field
from typing import Any

from shared.testing.folded import Folded
from shared.wire.messages import MESSAGE
from tests.chaos.message import Content


@dataclass(frozen=True, slots=True)
class Applied:
    """A `message` or `event` frame as it was applied. at: monotonic seconds."""

    seq: int
    sender: str
    client_id: str
    kind: str
    content: Content
    at: float


@dataclass
class ThreadLog:
    """Follows the cursor rule of the contract. breaches: (kind, sentence), kinds as in the judge's verdict.

    state: what the device shows.
    """

    peer: str
    entries: list[Applied] = field(default_factory=list)
    breaches: list[tuple[str, str]] = field(default_factory=list)
    state: Folded = field(default_factory=Folded)

    @property
    def cursor(self) -> int:
        """The last seq applied; 0 before the first."""
        return self.entries[-1].seq if self.entries else 0

    def apply(self, frame: dict[str, Any], at: float) -> bool:
        """Whether the frame moved the cursor: `repeat` never does. at: monotonic seconds."""
        if frame.get("repeat"):
            return False
        seq, cursor = frame["seq"], self.cursor
        if seq <= cursor:
            self.breaches.append(("duplicated", f"seq {seq} came again after {cursor}"))
            return False
        if seq != cursor + 1:
            self.breaches.append(("gap", f"seq {seq} came after {cursor}"))
        kind = frame.get("kind", MESSAGE)
        self.entries.append(Applied(seq, frame["sender"], frame["client_id"], kind, content_of(frame), at))
        self.state.apply(frame)
        return True


def content_of(frame: dict[str, Any]) -> Content:
    """Of a `message` or `event` frame."""
    if frame["type"] == "event":
        return dict(frame["body"])
    of_a_message = ("reply_to",) if frame.get("deleted_at") else ("text", "reply_to")
    return {name: frame[name] for name in of_a_message if name in frame}
