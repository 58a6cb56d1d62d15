"""An event as each of its two members sees it. Pure."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET

from shared.wire import codec
from shared.wire.attachments import Attachment
from shared.wire.frames import DeliveredFrame, ReadFrame, StateFrame
from shared.wire.log import Delivery, Notice
from shared.wire.member_state import MemberState
from shared.wire.messages import MESSAGE, EventFrame, LogItem, Message, MessageFrame, Reaction
from shared.wire.previews import LinkPreview


class Members(msgspec.Struct, frozen=True):
    """Who a thread belongs to: user ids, low < high, and usernames."""

    low: int
    high: int
    low_name: str
    high_name: str

    @classmethod
    def of(cls, one: int, one_name: str, other: int, other_name: str) -> "Members":
        """From its two members in either order."""
        if one < other:
            return cls(one, other, one_name, other_name)
        return cls(other, one, other_name, one_name)

    @property
    def pair(self) -> tuple[int, int]:
        return self.low, self.high

    def name(self, user: int) -> str:
        """The username of one member."""
        return self.low_name if user == self.low else self.high_name

    def peer_name(self, user: int) -> str:
        """What one member calls the thread: the other's username."""
        return self.high_name if user == self.low else self.low_name


class Event(msgspec.Struct, frozen=True):
    """A row of the log. body: as in the log. target: what it answers or changes.

    deleted_at: since when it has no text. attachments: JSON, as the log holds it; None for none.
    """

    seq: int
    kind: str
    sender: int
    client_id: UUID
    body: str
    created_at: datetime
    target: int | None = None
    deleted_at: datetime | None = None
    attachments: str | None = None


class Current(msgspec.Struct, frozen=True):
    """A message in its current state. body: its text, empty if it is deleted. reactions: the members' emoji, if any.

    attachments: as in an event. preview: JSON of a LinkPreview; None for none.
    """

    seq: int
    sender: int
    client_id: UUID
    body: str
    created_at: datetime
    target: int | None
    version: int
    edited_at: datetime | None
    deleted_at: datetime | None
    low_reaction: str | None
    high_reaction: str | None
    attachments: str | None
    preview: str | None


def written(one: Event | Current) -> str:
    """All that was written of it, as far as it takes room in a page."""
    said = one.body + one.attachments if one.attachments else one.body
    return said + one.preview if isinstance(one, Current) and one.preview else said


def frame(event: Event, members: Members, viewer: int) -> LogItem:
    """The event as `viewer`, a member, gets it."""
    thread, sender = members.peer_name(viewer), members.name(event.sender)
    if event.kind == MESSAGE:
        return MessageFrame(
            thread, event.seq, sender, event.client_id, event.body, event.created_at,
            reply_to=event.target, deleted_at=event.deleted_at, attachments=attachments_in(event.attachments),
        )  # fmt: skip
    body = msgspec.Raw(event.body.encode())
    return EventFrame(thread, event.seq, event.kind, sender, event.client_id, event.created_at, body)


def message(current: Current, members: Members, viewer: int) -> Message:
    """A message as `viewer` reads it over HTTP."""
    return Message(
        members.peer_name(viewer),
        current.seq,
        members.name(current.sender),
        current.client_id,
        current.created_at,
        version=current.version,
        text=UNSET if current.deleted_at else current.body,
        reply_to=current.target or UNSET,
        edited_at=current.edited_at or UNSET,
        deleted_at=current.deleted_at or UNSET,
        reactions=_reactions(current, members),
        attachments=attachments_in(current.attachments),
        preview=codec.decode(current.preview, LinkPreview) if current.preview else UNSET,
    )


def attachments_in(stored: str | None) -> Sequence[Attachment]:
    """What the log holds, as it is told."""
    return codec.decode(stored, list[Attachment]) if stored else ()


def _reactions(current: Current, members: Members) -> tuple[Reaction, ...]:
    """One for each emoji."""
    by: dict[str, list[str]] = {}
    for emoji, name in (
        (current.low_reaction, members.low_name),
        (current.high_reaction, members.high_name),
    ):
        if emoji:
            by.setdefault(emoji, []).append(name)
    return tuple(Reaction(emoji, names) for emoji, names in by.items())


def message_of(frame: MessageFrame) -> Message:
    """The same message, as it was sent, in the form of HTTP."""
    return Message(
        frame.thread,
        frame.seq,
        frame.sender,
        frame.client_id,
        frame.sent_at,
        version=frame.seq,
        text=UNSET if frame.deleted_at else frame.text,
        reply_to=frame.reply_to or UNSET,
        deleted_at=frame.deleted_at or UNSET,
        attachments=frame.attachments,
    )


def delivery(event: Event, thread: int, members: Members) -> Delivery:
    """The event encoded once for each member."""
    for_low, for_high = (
        msgspec.Raw(codec.encode(frame(event, members, viewer))) for viewer in (members.low, members.high)
    )
    return Delivery(thread, event.seq, members.low, members.high, for_low, for_high)


def notices_of(
    members: Members, mover: int, read: int | None, delivered: int | None, *, shown: bool
) -> list[Notice]:
    """`mover` has read up to `read` and holds what comes up to `delivered`, told to both members.

    A read says that it is delivered, too. One that is not shown tells the other member nothing else than that.
    """
    by, told = members.name(mover), []
    for user in (members.low, members.high):
        thread, seen = members.peer_name(user), read if shown or user == mover else None
        if seen:
            told.append((user, codec.encode(ReadFrame(thread, seen, by))))
        if delivered and delivered > (seen or 0):
            told.append((user, codec.encode(DeliveredFrame(thread, delivered, by))))
    return [Notice(user, msgspec.Raw(frame)) for user, frame in told]


def state_notice(members: Members, owner: int, state: MemberState) -> Notice:
    """What `owner` keeps about the thread is this now, told to them alone."""
    return Notice(owner, msgspec.Raw(codec.encode(StateFrame(members.peer_name(owner), state))))
