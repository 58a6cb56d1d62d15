"""The public socket (`duet.v1`): what a browser sends and what it gets."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.wire.attachments import NamedAttachments
from shared.wire.ids import AnySeq, MessageSeq
from shared.wire.member_state import MemberState
from shared.wire.messages import EventFrame, MessageFrame
from shared.wire.problems import ProblemDocument

SUBPROTOCOL = "duet.v1"
MAX_FRAME_BYTES = 64 * 1024
MAX_CURSORS = 200
MAX_WELCOME_THREADS = 200

Name = Annotated[str, Meta(max_length=64)]


class _In(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """browser -> relay."""


class Hello(_In, frozen=True, tag="hello"):
    """First, within 5 s. cursors: the last seq applied, by the other member's username; replay starts after it."""

    cursors: Annotated[dict[Name, AnySeq], Meta(max_length=MAX_CURSORS)] = {}


class Send(_In, frozen=True, tag="send"):
    """A message. client_id: a UUID; sent again, it stores nothing new and gets the first answer.

    reply_to: the seq of the message in this thread that it answers. With attachments, the text may be empty.
    """

    to: Name
    client_id: str
    text: str
    reply_to: MessageSeq | None = None
    attachments: NamedAttachments = ()


class Do(_In, frozen=True, tag="do"):
    """A durable event that is not a new message: an edit, a delete, a reaction. client_id: as in send.

    It comes back as an event frame, or as rejected. body: as shared/wire/changes.py says for each kind.
    """

    to: Name
    client_id: str
    kind: Annotated[str, Meta(max_length=32)]
    body: msgspec.Raw


class Sync(_In, frozen=True, tag="sync"):
    """Set this connection's cursor in `thread` to `after` and replay from there."""

    thread: Name
    after: AnySeq


class ReadUpTo(_In, frozen=True, tag="read"):
    """I have read everything up to seq."""

    thread: Name
    seq: AnySeq


class DeliveredUpTo(_In, frozen=True, tag="delivered"):
    """This device holds everything up to seq. Not needed where `read` says at least as much."""

    thread: Name
    seq: AnySeq


class Typing(_In, frozen=True, tag="typing"):
    """I am typing in `thread`; passed on at most once in 3 s."""

    thread: Name


class Ping(_In, frozen=True, tag="ping"):
    """Answered by pong."""


ClientFrame = Hello | Send | Do | Sync | ReadUpTo | DeliveredUpTo | Typing | Ping


class _Out(msgspec.Struct, frozen=True, tag_field="type"):
    """relay -> browser."""


class ThreadState(msgspec.Struct, frozen=True):
    """A thread in `welcome`. head: last seq of the log; read, peer_read: how far each has read.

    delivered, peer_delivered: how far a device of each holds it, at least as far as they have read. What one of the two
    does not show (shared/wire/accounts.py, Seeing) is 0, false or null.
    state: absent while its revision is 0, and in later threads when the drafts before have come to 512 KiB.
    """

    display_name: str
    head: int
    read: int
    peer_read: int
    online: bool
    last_seen: datetime | None
    delivered: int
    peer_delivered: int
    state: MemberState | UnsetType = UNSET


class Welcome(_Out, frozen=True, tag="welcome"):
    """The answer to hello. log: changes when a backup is restored. threads: the 200 latest, by username."""

    username: str
    log: str
    threads: dict[str, ThreadState]


class Rejected(_Out, frozen=True, tag="rejected"):
    """A send or do that was not stored; final unless problem.retry."""

    client_id: str
    problem: ProblemDocument


class ReadFrame(_Out, frozen=True, tag="read"):
    """`by` has read `thread` up to seq."""

    thread: str
    seq: int
    by: str


class DeliveredFrame(_Out, frozen=True, tag="delivered"):
    """A device of `by` holds `thread` up to seq."""

    thread: str
    seq: int
    by: str


class StateFrame(_Out, frozen=True, tag="state"):
    """What you keep about `thread` has changed, on whichever of your devices. Nobody else gets it."""

    thread: str
    state: MemberState


class TypingFrame(_Out, frozen=True, tag="typing"):
    """The other member of `thread` is typing; expires after 5 s."""

    thread: str


class PresenceFrame(_Out, frozen=True, tag="presence"):
    """Someone you have a thread with came or went."""

    username: str
    online: bool
    last_seen: datetime | None


class Pong(_Out, frozen=True, tag="pong"):
    """The answer to ping."""


class ErrorFrame(_Out, frozen=True, tag="error"):
    """A frame was not understood or could not be carried out; the socket stays open."""

    problem: ProblemDocument


ServerFrame = (
    Welcome
    | MessageFrame
    | EventFrame
    | Rejected
    | ReadFrame
    | DeliveredFrame
    | StateFrame
    | TypingFrame
    | PresenceFrame
    | Pong
    | ErrorFrame
)


class Close:
    """Close codes. 4000-4499: reconnect; 4500-4999: final."""

    GOING_AWAY = 1001
    UNSUPPORTED = 1003
    INVALID_DATA = 1007
    TOO_BIG = 1009
    RESTART = 1012
    TRY_LATER = 1013
    NO_HELLO = 4000
    NO_HEARTBEAT = 4001
    TOO_MANY_FRAMES = 4002
    SESSION_ENDED = 4501
    TOO_MANY_SOCKETS = 4502


def repeated(frame: bytes) -> bytes:
    """An encoded message or event frame marked `"repeat": true`."""
    return frame[:-1] + b',"repeat":true}'
