"""Between threads and other programs: appends, deliveries, heads, the log, and the entries of a node's Redis stream.

Encoded as arrays, not objects: these are the hot types.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from shared.wire.accounts import Seeing, Setting
from shared.wire.attachments import Attachment, NamedAttachment
from shared.wire.member_state import MemberState
from shared.wire.problems import ProblemDocument


class Delivery(msgspec.Struct, frozen=True, array_like=True):
    """One committed event, encoded once for each member as the frame that a browser gets.

    low, high: the members' user ids, low < high. for_low, for_high: JSON of a MessageFrame or EventFrame.
    """

    thread: int
    seq: int
    low: int
    high: int
    for_low: msgspec.Raw
    for_high: msgspec.Raw


class Hinted(Delivery, frozen=True, array_like=True):
    """As a stream has it. trace: where the hint is in its trace, as a `traceparent`; "" if it is in none."""

    trace: str = ""


class Notice(msgspec.Struct, frozen=True, array_like=True):
    """A frame that is not stored (read, state, typing, presence), for every connection of `user`; best effort.

    about: the setting without which they do not get it.
    """

    user: int
    frame: msgspec.Raw
    about: Setting | None = None


class Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How long a thread's log is. head: the last seq."""

    thread: int
    low: int
    high: int
    head: int


class StreamEntry(msgspec.Struct, frozen=True, array_like=True):
    """One entry of a node's stream: the hints and notices of one batch. log: which one the deliveries are of."""

    deliveries: Sequence[Hinted] = ()
    notices: Sequence[Notice] = ()
    log: str = ""


class AppendItem(msgspec.Struct, frozen=True, array_like=True):
    """One event to append. The caller vouches for sender and sender_name.

    to: the peer's username, folded. kind: "message" (body: its text, already normal) or another (body: JSON).
    peer: the peer's user id, 0 if the caller does not know it; then auth is asked.
    target: the seq of the message that a message answers; 0 for none. That of a change is in its body.
    attachments: of a message. One that has some is never in a batch with others, since they would wait for its files.
    """

    sender: int
    sender_name: str
    to: str
    kind: str
    client_id: UUID
    body: str
    peer: int = 0
    target: int = 0
    attachments: Sequence[NamedAttachment] = ()


class AppendResult(msgspec.Struct, frozen=True, array_like=True):
    """What became of one item: a delivery, or else a problem.

    created: False if the client_id was already in the log; the delivery is then the first one's.
    """

    delivery: Delivery | None = None
    created: bool = False
    problem: ProblemDocument | None = None


NOT_SAID = -1
"""In the place of a seq."""


class ReadMark(msgspec.Struct, frozen=True, array_like=True):
    """`user` has read the thread with `peer` (a username) up to seq, and a device of theirs holds it up to `delivered`.

    NOT_SAID: of the other position only. A seq that moves nothing still says that the thread was read.
    """

    user: int
    user_name: str
    peer: str
    seq: int
    delivered: int = NOT_SAID


# The link: relay -> threads, packets over a connection opened at /internal/link; each batch is answered by its number.


class AppendBatch(msgspec.Struct, frozen=True, tag="append", omit_defaults=True):
    """At most 256 items. node: the asking relay, which needs no hint of these.

    log: the one whose seqs the items mean; in another, what is about a message is not stored. Empty: not known.
    traces: of the items that are traced, by their places from 0: where each is in its trace, as a `traceparent`.
    """

    batch: int
    node: str
    items: list[AppendItem]
    log: str = ""
    traces: dict[int, str] = {}


class ReadBatch(msgspec.Struct, frozen=True, tag="read"):
    """log: as in AppendBatch; in another nothing is done."""

    batch: int
    node: str
    items: list[ReadMark]
    log: str = ""


class Here(msgspec.Struct, frozen=True, tag="here"):
    """Who is at this relay: whose threads the heads feed is to tell it of. It has no answer.

    number: rises on this link; beats say which one they know. came, gone: since the one before; until there is one, all
    heads are told, so with the first all who are there came. Only for who says in its beats that it understands it.
    """

    number: int
    came: list[int]
    gone: list[int] = []


LinkRequest = AppendBatch | ReadBatch | Here


class Appended(msgspec.Struct, frozen=True, tag="appended"):
    """The answer to an AppendBatch; results in the order of its items. log: which one they are of."""

    batch: int
    results: list[AppendResult]
    log: str = ""


class AppendFailed(msgspec.Struct, frozen=True, tag="failed"):
    """The batch as a whole failed (Postgres away): nothing is known about it, so repeat it unchanged."""

    batch: int
    problem: ProblemDocument


class ReadDone(msgspec.Struct, frozen=True, tag="read_done"):
    """The answer to a ReadBatch. notices: for this node's own users; other nodes get theirs through their streams."""

    batch: int
    notices: list[Notice]


class Beat(msgspec.Struct, frozen=True, tag="beat", omit_defaults=True):
    """Once a second: the heads that rose since the last beat. The heads feed.

    missed: some may never be told (PostgreSQL crashed, or is another one), so that all have to be compared.
    log: which one they are of; another one than before means that a part of that is lost.
    here: the number of the Here that all of these heads were chosen by, 0 for none yet; NOT_SAID by an older threads,
    which does not understand it.
    ends: this threads process is about to end. Who can opens a link to another one, with INSTEAD_HEADER, before it
    leaves this one; who cannot keeps it until it breaks.
    """

    heads: list[Head]
    missed: bool = False
    log: str = ""
    here: int = NOT_SAID
    ends: bool = False


INSTEAD_HEADER = "Duet-Instead"
"""In the head that opens a link: there is another one, which it is to replace. Who is about to end takes none such."""


LinkReply = Appended | AppendFailed | ReadDone | Beat
MAX_BATCH = 256
MAX_LINK_BYTES = 16 * 1024 * 1024
"""256 texts of 4000 characters fit, even if each is escaped."""


# Ordinary calls.


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
    """POST /internal/deliveries: what comes after seq `after` in a thread, at most `limit` (1-200)."""

    thread: int
    after: int
    limit: int = 200


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
