"""One message of the load, or one change of a message, followed from its first try to its delivery."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.wire.changes import EDIT
from shared.wire.ids import uuid7
from shared.wire.messages import MESSAGE

Content = dict[str, Any]
"""Of a message: `text`, and `reply_to` if it answers another. Of a change: its body. Without `text` once deleted."""
_WITH_TEXT = (MESSAGE, EDIT)


@dataclass(slots=True)
class Outgoing:
    """number: the sender's own count, so that order can be judged. Times are monotonic seconds, 0.0: not yet."""

    sender: str
    to: str
    number: int
    client_id: str
    kind: str
    content: Content
    submitted_at: float
    acknowledged_at: float = 0.0
    delivered_at: float = 0.0
    seq: int = 0
    log: str = ""
    """Of which log `seq` is."""
    refusal: str = ""
    """Why it was rejected for good; "" while it may still be stored."""

    def __str__(self) -> str:
        return f"{self.sender}>{self.to}#{self.number} ({self.kind})"

    @property
    def waiting(self) -> bool:
        """Whether the sender still has to resend it after a reconnect."""
        return not self.acknowledged_at and not self.refusal

    @property
    def frame(self) -> dict[str, Any]:
        """What the sender's browser says."""
        to: dict[str, Any] = {"to": self.to, "client_id": self.client_id}
        if self.kind == MESSAGE:
            return {"type": "send", **to, **self.content}
        return {"type": "do", **to, "kind": self.kind, "body": self.content}


def compose(
    sender: str, to: str, number: int, at: float, filler: str = "", kind: str = MESSAGE, **content: Any
) -> Outgoing:
    """A message or a change; its text, if it has one, says who wrote it to whom, so that a stranger's is recognised."""
    if kind in _WITH_TEXT:
        content["text"] = f"{sender}>{to}#{number} {filler}".rstrip()
    return Outgoing(sender, to, number, str(UUID(int=uuid7().int)), kind, content, at)
