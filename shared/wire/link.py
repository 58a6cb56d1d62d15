"""The link of a relay to threads: packets over a connection opened at /internal/link.

A batch has a number, by which it is answered.

What there are many of is encoded as arrays, not objects.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from shared.wire.attachments import NamedAttachment
from shared.wire.log import Delivery, Head, Notice
from shared.wire.problems import ProblemDocument


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
    links: how many that process has; 0: an older threads does not say.
    """

    heads: list[Head]
    missed: bool = False
    log: str = ""
    here: int = NOT_SAID
    ends: bool = False
    links: int = 0


INSTEAD_HEADER = "Duet-Instead"
"""In the head that opens a link: there is another one, which it is to replace. Who is about to end takes none such."""

LINKS_HEADER = "Duet-Links"
"""In the head that answers it: how many links the process has, with this one."""

LinkReply = Appended | AppendFailed | ReadDone | Beat
MAX_BATCH = 256
MAX_LINK_BYTES = 16 * 1024 * 1024
"""256 texts of 4000 characters fit, even if each is escaped."""
