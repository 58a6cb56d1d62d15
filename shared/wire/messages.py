"""Events as people see them: the same fields over HTTP and on the socket."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from shared.wire.attachments import Attachment
from shared.wire.previews import LinkPreview

MESSAGE = "message"
"""The kind of an event that is a message; its body in the log is the text itself, any other kind's is JSON."""

JOINED = "joined"
"""The kind of an event that says that its sender has accepted an invitation of the other member's; the body is {}."""


class Reaction(msgspec.Struct, frozen=True):
    """One emoji under a message. by: the usernames of those who gave it."""

    emoji: str
    by: Sequence[str]


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message in its current state. thread: the other member's username. seq: from 1. sent_at: UTC.

    version: the seq of the last event that changed it (its own, if none did); an event up to it changes nothing more.
    text: absent once the message is deleted. reply_to: the seq of the message that it answers. attachments: none once
    it is deleted. preview: of its first link. Other fields are absent where they do not apply.
    """

    thread: str
    seq: int
    sender: str
    client_id: UUID
    sent_at: datetime
    version: int
    text: str | UnsetType = UNSET
    reply_to: int | UnsetType = UNSET
    edited_at: datetime | UnsetType = UNSET
    deleted_at: datetime | UnsetType = UNSET
    reactions: Sequence[Reaction] = ()
    attachments: Sequence[Attachment] = ()
    preview: LinkPreview | UnsetType = UNSET


class MessageFrame(msgspec.Struct, frozen=True, tag="message", omit_defaults=True):
    """relay -> browser, and an item of the log: a message as it was sent. To the sender it is the acknowledgement.

    repeat: the answer to a client_id that is already in the log; such a frame moves no cursor.
    reply_to: the seq of the message that it answers. deleted_at: since when it is deleted; `text` is then
    empty, and there are no attachments.
    """

    thread: str
    seq: int
    sender: str
    client_id: UUID
    text: str
    sent_at: datetime
    repeat: bool = False
    reply_to: int | None = None
    deleted_at: datetime | None = None
    attachments: Sequence[Attachment] = ()


class EventFrame(msgspec.Struct, frozen=True, tag="event", omit_defaults=True):
    """relay -> browser, and an item of the log: every durable kind except messages.

    repeat: as in a message. An `edit` or a `preview` of a message that is deleted has only the target in its body.
    """

    thread: str
    seq: int
    kind: str
    sender: str
    client_id: UUID
    sent_at: datetime
    body: msgspec.Raw
    repeat: bool = False


LogItem = MessageFrame | EventFrame
