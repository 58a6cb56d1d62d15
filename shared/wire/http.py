"""Bodies and queries of the public HTTP contract."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.wire.attachments import NamedAttachments
from shared.wire.body import Body
from shared.wire.ids import AnySeq, MessageSeq, Username
from shared.wire.member_state import Archived, MemberState
from shared.wire.messages import LogItem, Message

MAX_BODY_BYTES = 64 * 1024
Password = Annotated[str, Meta(min_length=10, max_length=256)]
TypedPassword = Annotated[str, Meta(max_length=1024)]
Limit = Annotated[int, Meta(ge=1, le=200)]
Cursor = Annotated[str, Meta(max_length=512)]


class SignUp(Body, frozen=True):
    """invite: the token of an invitation, which is used with it: there is an account and it is used, or neither."""

    username: Username
    password: Password
    display_name: Annotated[str, Meta(max_length=256)] | None = None
    invite: Annotated[str, Meta(max_length=128)] | None = None


class LogIn(Body, frozen=True):
    username: Annotated[str, Meta(max_length=256)]
    password: TypedPassword


class ChangePassword(Body, frozen=True):
    current: TypedPassword
    new: Password


class Me(msgspec.Struct, frozen=True):
    username: str
    display_name: str


class ChangeProfile(Body, frozen=True):
    """display_name: as at sign-up."""

    display_name: Annotated[str, Meta(max_length=256)]


class Settings(msgspec.Struct, frozen=True):
    """What I let others see, and so see of them: how far I have read, that I am typing, when I was here.

    findable: whether I am in the user list. link_previews: whether the links that I send get a preview.
    """

    read_receipts: bool
    typing: bool
    last_seen: bool
    findable: bool
    link_previews: bool


class ChangeSettings(Body, frozen=True):
    """What is left out stays."""

    read_receipts: bool | UnsetType = UNSET
    typing: bool | UnsetType = UNSET
    last_seen: bool | UnsetType = UNSET
    findable: bool | UnsetType = UNSET
    link_previews: bool | UnsetType = UNSET


class SessionItem(msgspec.Struct, frozen=True):
    id: UUID
    current: bool
    created_at: datetime
    last_used_at: datetime
    user_agent: str


class Sessions(msgspec.Struct, frozen=True):
    sessions: list[SessionItem]


class UsersQuery(Body, frozen=True):
    query: Annotated[str, Meta(max_length=64)] = ""
    cursor: Cursor = ""
    limit: Limit = 50


class UserItem(msgspec.Struct, frozen=True):
    username: str
    display_name: str
    online: bool
    last_seen: datetime | None


class Users(msgspec.Struct, frozen=True):
    """next: the cursor of the next page, null at the end."""

    users: list[UserItem]
    next: str | None


class ThreadsQuery(Body, frozen=True):
    """archived: only the threads that I have archived, or only the others; left out: all."""

    cursor: Cursor = ""
    limit: Limit = 50
    archived: Literal["true", "false"] | None = None


class ThreadItem(msgspec.Struct, frozen=True):
    """unread: the peer's messages after `read`, exact to 999. peer_read: 0 if one of the two does not show it.

    delivered, peer_delivered: how far a device of each holds the thread, at least as far as they have read.
    state: absent while its revision is 0. last_at: where nobody has written a message, when something else came last.
    """

    username: str
    display_name: str
    head: int
    unread: int
    read: int
    peer_read: int
    delivered: int
    peer_delivered: int
    last_message: Message | None
    state: MemberState | UnsetType = UNSET
    last_at: datetime | UnsetType = UNSET


class Threads(msgspec.Struct, frozen=True):
    threads: list[ThreadItem]
    next: str | None


class MessagesQuery(Body, frozen=True):
    """At most one of before, after, around, at. at: an RFC 3339 date (UTC) or time; the page begins there."""

    before: AnySeq | None = None
    after: AnySeq | None = None
    around: AnySeq | None = None
    at: Annotated[str, Meta(max_length=64)] | None = None
    limit: Limit = 50


class Messages(msgspec.Struct, frozen=True):
    """Ascending by seq. A page ends near 512 KiB, so it may hold fewer than `limit`; more: whether there are others
    before it (with `after` or `at`: behind it; with `around`: on either side).

    quoted: the messages, in their current state, that those of the page answer and that are not in it themselves.
    In the same snapshot: head, the last event's seq; read, how far you have read; 0 where nobody has written.
    """

    messages: list[Message]
    head: int
    read: int
    more: bool
    quoted: Sequence[Message] = ()


class EventsQuery(Body, frozen=True):
    after: AnySeq = 0
    limit: Limit = 50


class Events(msgspec.Struct, frozen=True):
    """Ascending. A page ends near 512 KiB: there are more while the last one's seq is below head."""

    events: list[LogItem]
    head: int


class SendMessage(Body, frozen=True):
    """reply_to: the seq of the message in this thread that it answers. With attachments, the text may be empty."""

    client_id: UUID
    text: Annotated[str, Meta(max_length=65_536)]
    reply_to: MessageSeq | None = None
    attachments: NamedAttachments = ()


class DoToThread(Body, frozen=True):
    """kind: edit, delete or reaction. body: as shared/wire/changes.py says for each."""

    client_id: UUID
    kind: Annotated[str, Meta(max_length=32)]
    body: msgspec.Raw


class PastText(msgspec.Struct, frozen=True):
    """A text that a message has or had, since `at`."""

    text: str
    at: datetime


class MessageHistory(msgspec.Struct, frozen=True):
    """Oldest first; the last one is the current text."""

    texts: list[PastText]


class MarkRead(Body, frozen=True):
    seq: AnySeq


class MarkDelivered(Body, frozen=True):
    seq: AnySeq


class TypedDraft(Body, frozen=True):
    """text: as a message's, but kept as it was typed; a blank one is no draft."""

    text: Annotated[str, Meta(max_length=65_536)]
    reply_to: MessageSeq | None = None


class ChangeState(Body, frozen=True):
    """A field that is left out stays as it is; null takes it away.

    revision: if it is given, and is not the current one, nothing is done. muted_until: as in MemberState.
    """

    revision: AnySeq | UnsetType = UNSET
    draft: TypedDraft | UnsetType | None = UNSET
    muted_until: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    archived: Archived | UnsetType | None = UNSET
    marked_unread: bool | UnsetType = UNSET


class SearchQuery(Body, frozen=True, rename={"with_": "with"}):
    q: Annotated[str, Meta(min_length=1, max_length=200)]
    with_: Annotated[str, Meta(max_length=64)] | None = None
    cursor: Cursor = ""
    limit: Limit = 50


class Found(msgspec.Struct, frozen=True):
    """next: the cursor of the next page, null at the end. A page ends near 512 KiB."""

    messages: list[Message]
    next: str | None
