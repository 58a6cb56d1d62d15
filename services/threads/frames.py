"""An event as each of its two members sees it. Pure."""

from datetime import datetime
from uuid import UUID

import msgspec

from shared.wire import codec
from shared.wire.frames import ReadFrame
from shared.wire.log import Delivery, Notice
from shared.wire.messages import MESSAGE, EventFrame, LogItem, Message, MessageFrame


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

    def name(self, user: int) -> str:
        """The username of one member."""
        return self.low_name if user == self.low else self.high_name

    def peer_name(self, user: int) -> str:
        """What one member calls the thread: the other's username."""
        return self.high_name if user == self.low else self.low_name


class Event(msgspec.Struct, frozen=True):
    """A row of the log. body: as in the log."""

    seq: int
    kind: str
    sender: int
    client_id: UUID
    body: str
    created_at: datetime


def frame(event: Event, members: Members, viewer: int) -> LogItem:
    """The event as `viewer`, a member, gets it."""
    thread, sender = members.peer_name(viewer), members.name(event.sender)
    if event.kind == MESSAGE:
        return MessageFrame(thread, event.seq, sender, event.client_id, event.body, event.created_at)
    body = msgspec.Raw(event.body.encode())
    return EventFrame(thread, event.seq, event.kind, sender, event.client_id, event.created_at, body)


def message(event: Event, members: Members, viewer: int) -> Message:
    """A message event as `viewer` reads it over HTTP."""
    thread, sender = members.peer_name(viewer), members.name(event.sender)
    return Message(
        thread, event.seq, sender, event.client_id, event.created_at, version=event.seq, text=event.body
    )


def message_of(frame: MessageFrame) -> Message:
    """The same message as HTTP gives it."""
    return Message(
        frame.thread,
        frame.seq,
        frame.sender,
        frame.client_id,
        frame.sent_at,
        version=frame.seq,
        text=frame.text,
    )


def delivery(event: Event, thread: int, members: Members) -> Delivery:
    """The event encoded once for each member."""
    for_low, for_high = (
        msgspec.Raw(codec.encode(frame(event, members, viewer))) for viewer in (members.low, members.high)
    )
    return Delivery(thread, event.seq, members.low, members.high, for_low, for_high)


def read_notices(members: Members, reader: int, seq: int) -> list[Notice]:
    """`reader` has read up to seq, told to both members."""
    by = members.name(reader)
    return [
        Notice(user, msgspec.Raw(codec.encode(ReadFrame(members.peer_name(user), seq, by))))
        for user in (members.low, members.high)
    ]
