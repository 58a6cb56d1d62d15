"""Writing the log."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.threads.rules import Outcome
from shared.plumbing.postgres.database import Connection
from shared.wire.changes import EDIT, MAX_EDITS, REACTION
from shared.wire.ids import Seq, ThreadId, UserId
from shared.wire.link import NOT_SAID
from shared.wire.messages import MESSAGE

Pair = tuple[int, int]
"""The members of a thread, the lower user id first."""

_ANSWER = "n, thread_id, seq, created_at, state, deleted_at"
_APPEND = f"SELECT {_ANSWER} FROM append($1, $2, $3, $4, $5, $6, $7)"  # noqa: S608  # a constant
_APPEND_ONE = f"SELECT {_ANSWER} FROM append_one($1, $2, $3, $4, $5, $6)"  # noqa: S608  # a constant
_APPEND_EACH = f"SELECT {_ANSWER} FROM append_each($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"  # noqa: S608  # a constant
_CHANGE_ONE = f"SELECT {_ANSWER} FROM change_one($1, $2, $3, $4, $5, $6, $7, $8)"  # noqa: S608  # a constant
_REPLY_ONE = f"SELECT {_ANSWER} FROM reply_one($1, $2, $3, $4, $5, $6)"  # noqa: S608  # a constant
# Lock, seq and event of one message at once: setting up a statement costs more than what it does. Nothing looks for a
# repeat, which violates the uniqueness of client_ids. The time is taken anew if the lock had to be waited for.
_APPEND_MESSAGE = """
WITH thread AS (
    UPDATE threads AS t
    SET head = t.head + 1, last_message = t.head + 1, last_at = clock_timestamp(),
        low_sent = t.low_sent + ($3::bigint = $1::bigint)::int,
        high_sent = t.high_sent + ($3 = $2::bigint)::int
    WHERE t.low = $1 AND t.high = $2
    RETURNING id, head, low_sent, high_sent, last_at
), noted AS (
    INSERT INTO outbox (threads, lows, highs, firsts, heads)
    SELECT ARRAY[id], ARRAY[$1], ARRAY[$2], ARRAY[head], ARRAY[head] FROM thread
)
INSERT INTO events (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body)
SELECT id, head, $3, last_at, low_sent, high_sent, $4, 'message', $5 FROM thread
RETURNING $6::int, thread_id, seq, created_at
"""
_FEW = 8
"""Above it one call that looks for repeats, too, takes less of PostgreSQL's time than a statement for each message."""

_FIND = """
SELECT i.n, t.id, e.seq, e.created_at, (CASE
    WHEN e.kind <> i.kind OR coalesce(e.target, 0) <> i.target THEN 'c'
    WHEN e.deleted_at IS NULL AND e.body = i.body
            AND named_in(e.attachments) IS NOT DISTINCT FROM named_in(i.attachments)
        OR e.digest = digest_of(i.kind || coalesce(named_in(i.attachments), ''), i.body) THEN 'r'
    ELSE 'c' END)::"char", e.deleted_at, e.attachments
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::bigint[], $8::text[])
    WITH ORDINALITY AS i (low, high, sender_id, kind, client_id, body, target, attachments, n)
CROSS JOIN LATERAL (SELECT id FROM threads WHERE low = i.low AND high = i.high LIMIT 1) AS t
CROSS JOIN LATERAL (
    SELECT * FROM events AS e
    WHERE e.thread_id = t.id AND e.sender_id = i.sender_id AND e.client_id = i.client_id
    LIMIT 1
) AS e
"""
_MAKE = """
INSERT INTO threads (low, high)
SELECT low, high FROM unnest($1::bigint[], $2::bigint[]) AS pair (low, high) ORDER BY low, high
ON CONFLICT DO NOTHING
"""
# The function is called for those few batches alone in which somebody may have marked a thread unread.
_MARK = """
SELECT low, high, member, read, delivered FROM mark($1, $2, $3, $4, $5, $6)
UNION ALL
SELECT low, high, owner, NULL, NULL FROM end_marks($1, $2, $3, $4)
WHERE EXISTS (
    SELECT FROM member_states
    WHERE marked_unread AND owner = ANY ($1::bigint[] || $2::bigint[]) AND peer = ANY ($1::bigint[] || $2::bigint[])
)
"""


class Row(msgspec.Struct, frozen=True):
    """One event to store. pair: its thread. body: text of a message, JSON of any other kind.

    target: the message that it answers or changes; 0 for none. of: the log in which it is that one; "" for any.
    attachments: JSON; None for none. Two that name the same ids with the same descriptions are the same, whatever else
    they say.
    """

    pair: Pair
    sender: int
    kind: str
    client_id: UUID
    body: str
    target: int = 0
    attachments: str | None = None
    of: str = ""


class Stored(msgspec.Struct, frozen=True):
    """What became of a row. Of a repeat, the first one's seq and times; deleted_at: since when its text is gone.

    attachments: as in the log.
    """

    thread: ThreadId
    seq: Seq
    created_at: datetime
    outcome: Outcome
    deleted_at: datetime | None
    attachments: str | None = None


class Said(msgspec.Struct):
    """How far the members of a thread say that they have read it, and hold it."""

    low_read: int = NOT_SAID
    high_read: int = NOT_SAID
    low_delivered: int = NOT_SAID
    high_delivered: int = NOT_SAID

    def hear(self, *, low: bool, read: int, delivered: int) -> None:
        """What one of them says, the low one or the other."""
        if low:
            self.low_read, self.low_delivered = max(self.low_read, read), max(self.low_delivered, delivered)
        else:
            self.high_read, self.high_delivered = (
                max(self.high_read, read),
                max(self.high_delivered, delivered),
            )


class Risen(msgspec.Struct, frozen=True):
    """How far a member has read and holds a thread now; None for what did not rise."""

    pair: Pair
    member: UserId
    read: Seq | None
    delivered: Seq | None

    @property
    def ended(self) -> bool:
        """They had marked it unread, which has ended; nothing rose."""
        return self.read is None and self.delivered is None


async def append(conn: Connection, rows: Sequence[Row]) -> list[Stored | None]:
    """Stores all rows in order, or none; but those of a thread that is missing are None.

    No two rows may have the same pair, sender and client_id. Where one has a target or attachments, each is looked at
    by itself: those that break a rule are not stored. In a transaction, which a repeat must not abort, it takes longer.
    """
    if _are_few(rows) and not conn.is_in_transaction():
        with suppress(asyncpg.UniqueViolationError):  # a repeat, which is answered below
            return await _append_few(conn, rows)
    elif any(row.target or row.attachments for row in rows):
        return _each_or_none(await _append_each(conn, rows), rows)
    if len(rows) == 1:
        [row] = rows
        answer = await conn.fetch(_APPEND_ONE, *row.pair, row.sender, row.kind, row.client_id, row.body)
    else:
        answer = await conn.fetch(_APPEND, *_columns(rows))
    return _each_or_none(_stored(answer), rows)


def _are_few(rows: Sequence[Row]) -> bool:
    """Whether a statement for each pays, and may be. Not for two of one thread: each statement sees the log anew, so
    that the second may find a thread that somebody began after the first had missed it, and would overtake it.
    """
    return (
        len(rows) <= _FEW
        and all(row.kind == MESSAGE and not row.target and not row.attachments for row in rows)
        and (len(rows) == 1 or len({row.pair for row in rows}) == len(rows))
    )


def _each_or_none(stored: Sequence[Stored], rows: Sequence[Row]) -> list[Stored | None]:
    return [*stored] if stored else [None] * len(rows)


async def _append_few(conn: Connection, rows: Sequence[Row]) -> list[Stored | None]:
    """Messages that answer nothing and have no attachments, each of another thread. Raises UniqueViolationError."""
    asked = [(*row.pair, row.sender, row.client_id, row.body, place) for place, row in enumerate(rows)]
    if len(rows) > 1:  # one transaction, which locks threads in the order in which everybody does
        asked.sort(key=itemgetter(0, 1))
    answer = await conn.fetch_at_once(_APPEND_MESSAGE, asked)
    stored: list[Stored | None] = [None] * len(rows)
    for place, thread, seq, created_at in answer:
        stored[place] = Stored(ThreadId(thread), Seq(seq), created_at, Outcome.NEW, None)
    return stored


async def _append_each(conn: Connection, rows: Sequence[Row]) -> list[Stored]:
    alone = len(rows) == 1 and not conn.is_in_transaction()
    if alone and rows[0].kind in (MESSAGE, EDIT, REACTION) and not rows[0].attachments:
        with suppress(asyncpg.UniqueViolationError):  # a repeat, which is answered below
            return await _append_looked_at(conn, rows[0])
    attachments = [row.attachments for row in rows]
    asked = (*_columns(rows), [row.target for row in rows], MAX_EDITS)
    if not any(attachments):
        return _stored(await conn.fetch(_APPEND_EACH, *asked, None))
    stored = _stored(await conn.fetch(_APPEND_EACH, *asked, attachments))
    return [
        one if one.deleted_at else msgspec.structs.replace(one, attachments=row_attachments)
        for one, row_attachments in zip(stored, attachments, strict=bool(stored))
    ]


async def _append_looked_at(conn: Connection, row: Row) -> list[Stored]:
    """One reply without attachments, edit or reaction. Raises UniqueViolationError if it is a repeat."""
    if row.kind == MESSAGE:
        asked = (*row.pair, row.sender, row.client_id, row.body, row.target)
        return _stored(await conn.fetch(_REPLY_ONE, *asked))
    change = (*row.pair, row.sender, row.kind, row.client_id, row.body, row.target, MAX_EDITS)
    return _stored(await conn.fetch(_CHANGE_ONE, *change))


def _columns(rows: Sequence[Row]) -> tuple[list[Any], ...]:
    """The distinct pairs, and the rows as arrays."""
    places = {pair: place for place, pair in enumerate(dict.fromkeys(row.pair for row in rows), start=1)}
    return (
        [low for low, _ in places],
        [high for _, high in places],
        [places[row.pair] for row in rows],
        [row.sender for row in rows],
        [row.kind for row in rows],
        [row.client_id for row in rows],
        [row.body for row in rows],
    )


def halves(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Those of threads in which none has a target or attachments, and those of the others: `append` takes each half."""
    looked_at = {row.pair for row in rows if row.target or row.attachments}
    return [row for row in rows if row.pair not in looked_at], [row for row in rows if row.pair in looked_at]


async def find(conn: Connection, rows: Sequence[Row]) -> list[Stored | None]:
    """What `append` would answer for each row that is in the log, or in conflict with what is; None for a new one."""
    answer = await conn.fetch(
        _FIND,
        [row.pair[0] for row in rows],
        [row.pair[1] for row in rows],
        [row.sender for row in rows],
        [row.kind for row in rows],
        [row.client_id for row in rows],
        [row.body for row in rows],
        [row.target for row in rows],
        [row.attachments for row in rows],
    )
    found = dict(zip((n for n, *_ in answer), _stored(answer), strict=True))
    return [found.get(n) for n in range(1, len(rows) + 1)]


def _stored(answer: list[Any]) -> list[Stored]:
    return [
        Stored(ThreadId(thread), Seq(seq), created_at, Outcome(state), deleted_at, *attachments)
        for _, thread, seq, created_at, state, deleted_at, *attachments in answer
    ]


async def make_threads(conn: Connection, pairs: Sequence[Pair]) -> None:
    """Makes the missing threads, sorted, so that two callers never deadlock."""
    await conn.execute(_MAKE, [low for low, _ in pairs], [high for _, high in pairs])


async def mark(conn: Connection, said: dict[Pair, Said]) -> list[Risen]:
    """Moves positions up; those beyond the head come to the head."""
    answer = await conn.fetch(
        _MARK,
        [low for low, _ in said],
        [high for _, high in said],
        [one.low_read for one in said.values()],
        [one.high_read for one in said.values()],
        [one.low_delivered for one in said.values()],
        [one.high_delivered for one in said.values()],
    )
    return [
        Risen((low, high), UserId(member), read and Seq(read), delivered and Seq(delivered))
        for low, high, member, read, delivered in answer
    ]
