"""One message of the load, followed from its first try to its delivery."""

from dataclasses import dataclass
from uuid import UUID

from shared.wire.ids import uuid7


@dataclass(slots=True)
class Outgoing:
    """number: the sender's own count, so that order can be judged. Times are monotonic seconds, 0.0: not yet."""

    sender: str
    to: str
    number: int
    client_id: str
    text: str
    submitted_at: float
    acknowledged_at: float = 0.0
    delivered_at: float = 0.0
    seq: int = 0
    refusal: str = ""
    """Why it was rejected for good; "" while it may still be stored."""

    @property
    def waiting(self) -> bool:
        """Whether the sender still has to resend it after a reconnect."""
        return not self.acknowledged_at and not self.refusal


def compose(sender: str, to: str, number: int, at: float, filler: str = "") -> Outgoing:
    """A message whose text says who wrote it to whom, so that a stranger's is recognised."""
    client_id = str(UUID(int=uuid7().int))
    return Outgoing(sender, to, number, client_id, f"{sender}>{to}#{number} {filler}".rstrip(), at)
