"""Events as people see them: the same fields over HTTP and on the socket."""

from datetime import datetime
from uuid import UUID

import msgspec

MESSAGE = "message"
"""The kind of an event that is a message; its body in the log is the text itself, any other kind's is JSON."""


class Message(msgspec.Struct, frozen=True):
    """A message in its current state. thread: the other member's username. seq: from 1. sent_at: UTC."""

    thread: str
    seq: int
    sender: str
    client_id: UUID
    text: str
    sent_at: datetime


class MessageFrame(msgspec.Struct, frozen=True, tag="message", omit_defaults=True):
    """relay -> browser, and an item of the log. To the sender it is the acknowledgement.

    repeat: the answer to a client_id that is already in the log; such a frame moves no cursor.
    """

    thread: str
    seq: int
    sender: str
    client_id: UUID
    text: str
    sent_at: datetime
    repeat: bool = False


class EventFrame(msgspec.Struct, frozen=True, tag="event"):
    """relay -> browser, and an item of the log: every durable kind except messages."""

    thread: str
    seq: int
    kind: str
    sender: str
    client_id: UUID
    sent_at: datetime
    body: msgspec.Raw


LogItem = MessageFrame | EventFrame
