"""Calls of other programs to threads, and their answers: heads, threads by name, and what the log holds."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from shared.wire.accounts import Seeing
from shared.wire.attachments import Attachment
from shared.wire.link import AppendResult
from shared.wire.log import Delivery, Head
from shared.wire.member_state import MemberState


class AppendedItems(msgspec.Struct, frozen=True):
    """The answer to POST /internal/append, whose body is an AppendBatch. log: as in Appended."""

    results: list[AppendResult]
    log: str = ""


class HeadsOf(msgspec.Struct, frozen=True):
    """POST /internal/heads: every thread of these users (at most 256 users).

    beyond: heads of the log `log` that its threads do not have any more, as it seems: if so, that log is replaced.
    """

    users: list[int]
    log: str = ""
    beyond: list[Head] = []


class Latest(msgspec.Struct, frozen=True, array_like=True):
    """A thread as one of its members sees it, for `welcome`. display_name and last_seen are the peer's.

    state: what this member keeps about it; None where `welcome` has none. here: whether both show when they are here.
    What one of the two does not show is not told: peer_read is 0, last_seen None.
    """

    thread: int
    peer: int
    peer_name: str
    display_name: str
    last_seen: datetime | None
    head: int
    read: int
    peer_read: int
    state: MemberState | None = None
    delivered: int = 0
    peer_delivered: int = 0
    here: bool = False


class UserThreads(msgspec.Struct, frozen=True):
    """heads: all threads of the user. latest: the 200 of them with the newest events, newest first.

    seeing: what the user lets others see; None while that cannot be found out.
    """

    user: int
    heads: list[Head]
    latest: list[Latest]
    seeing: Seeing | None = None


class HeadsAnswer(msgspec.Struct, frozen=True):
    """log: the log id; a new one means that a backup was restored, or that a part of the log is lost."""

    log: str
    users: list[UserThreads]


class Resolve(msgspec.Struct, frozen=True):
    """POST /internal/resolve: the threads of `user` with these peers (usernames, folded; at most 256)."""

    user: int
    peers: list[str]


class Resolved(msgspec.Struct, frozen=True, array_like=True):
    """peer: None if there is no such account (or it is the user). thread: None while nobody has written."""

    peer_name: str
    peer: int | None = None
    thread: int | None = None
    head: int = 0


class ResolvedThreads(msgspec.Struct, frozen=True):
    """log: which one they are of."""

    threads: list[Resolved]
    log: str = ""


class DeliveriesAfter(msgspec.Struct, frozen=True):
    """POST /internal/deliveries: what comes after seq `after` in a thread, at most `limit` (1-200).

    low, high: its members, by whom the server is found that has it; 0 where they are not known.
    """

    thread: int
    after: int
    limit: int = 200
    low: int = 0
    high: int = 0


class Deliveries(msgspec.Struct, frozen=True):
    """Ascending, without gaps; fewer than asked for when they are large. head: read in the same snapshot.

    log: which one they are of.
    """

    deliveries: list[Delivery]
    head: int
    log: str = ""


class LogAfter(msgspec.Struct, frozen=True):
    """POST /internal/log: what was committed in all threads after a position; about `limit` events are looked through.

    after: `next` of the page before, which is done with now, so that its outbox rows may go; empty: from here on, or
    from where the calling program last was. limit: 1-200; up to 2000 for who wants few of them. about: only what is of
    a thread with one of these people, at most 1000; null: of anybody. files: only messages with attachments, and
    deletions. links: besides what `about` lets through, messages with a link, and edits, of anybody.
    """

    after: str = ""
    limit: int = 200
    about: list[int] | None = None
    files: bool = False
    links: bool = False


class Logged(msgspec.Struct, frozen=True, array_like=True):
    """A committed event. low, high: its members' user ids, low < high. body: as in the log, without a text once that is
    deleted. target: the seq of the message that it answers or changes. attachments: of a message, until it is deleted.
    """

    thread: int
    seq: int
    low: int
    high: int
    low_name: str
    high_name: str
    kind: str
    sender: int
    body: str
    created_at: datetime
    target: int | None = None
    attachments: Sequence[Attachment] = ()


class LogPage(msgspec.Struct, frozen=True):
    """Every committed event is in some page, after a crash perhaps in two. Of one thread a later seq may come first.

    next: opaque; to be kept with what is done about the events. more: there are others already. missed: some may be in
    no page (nobody asked for a day, or a backup was restored), so that everything has to be compared. looked_through:
    how many events, of which these are the ones that were asked for.
    """

    events: list[Logged]
    next: str
    more: bool = False
    missed: bool = False
    looked_through: int = 0


class Untold(msgspec.Struct, frozen=True, array_like=True):
    """A thread in which `user`, a member, was last told of seq `told`."""

    thread: int
    user: int
    told: int


class StandingOf(msgspec.Struct, frozen=True):
    """POST /internal/standing: at most 256."""

    threads: list[Untold]


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """What a notice about the thread may say to this member now. quiet: nothing, they have muted or archived it.

    read: how far they have read. seq, text: the peer's latest message after both `read` and `told`, as it is now; 0 and
    empty if there is none, or none that is not deleted.
    """

    read: int
    quiet: bool
    seq: int = 0
    text: str = ""


class Standings(msgspec.Struct, frozen=True):
    """In the order of the question; None where the user is no member of such a thread."""

    threads: list[Standing | None]


class TextOf(msgspec.Struct, frozen=True):
    """POST /internal/text: a message of a thread, by its seq."""

    thread: int
    seq: int


class CurrentText(msgspec.Struct, frozen=True):
    """What a message says now. text: empty once it is deleted. peer, peer_name: to whom it was sent.

    of: the seq of the event that gave it that text, its own or its last edit's. previewed: the link that has a preview.
    """

    sender: int
    sender_name: str
    peer: int
    peer_name: str
    text: str
    of: int
    previewed: str | None = None
