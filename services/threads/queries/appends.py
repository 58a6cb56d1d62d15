"""Writing the log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.plumbing.postgres import Connection
from shared.wire.ids import Seq, ThreadId, UserId

Pair = tuple[int, int]
"""The members of a thread, the lower user id first."""

_APPEND = "SELECT n, thread_id, seq, created_at, state FROM append($1, $2, $3, $4, $5, $6, $7)"
_APPEND_ONE = "SELECT n, thread_id, seq, created_at, state FROM append_one($1, $2, $3, $4, $5, $6)"
_FIND = """
SELECT i.n, t.id, e.seq, e.created_at, (CASE WHEN e.kind = i.kind AND e.body = i.body THEN 'r' ELSE 'c' END)::"char"
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::uuid[], $6::text[])
    WITH ORDINALITY AS i (low, high, sender_id, kind, client_id, body, n)
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
_MARK_READ = "SELECT low, high, reader, seq FROM mark_read($1, $2, $3, $4)"


class Row(msgspec.Struct, frozen=True):
    """One event to store. pair: its thread. body: text of a message, JSON of any other kind."""

    pair: Pair
    sender: int
    kind: str
    client_id: UUID
    body: str


class Stored(msgspec.Struct, frozen=True):
    """What became of a row: new, a repeat, or in conflict with what is there. seq, created_at: the first one's."""

    thread: ThreadId
    seq: Seq
    created_at: datetime
    created: bool
    conflict: bool


class Risen(msgspec.Struct, frozen=True):
    """A read position that moved up to seq."""

    pair: Pair
    reader: UserId
    seq: Seq


async def append(conn: Connection, rows: Sequence[Row]) -> list[Stored]:
    """Stores all rows in order, or none; [] if a thread is missing.

    No two rows may have the same pair, sender and client_id.
    """
    if len(rows) == 1:
        [row] = rows
        answer = await conn.fetch(_APPEND_ONE, *row.pair, row.sender, row.kind, row.client_id, row.body)
        return _stored(answer)
    places = {pair: place for place, pair in enumerate(dict.fromkeys(row.pair for row in rows), start=1)}
    answer = await conn.fetch(
        _APPEND,
        [low for low, _ in places],
        [high for _, high in places],
        [places[row.pair] for row in rows],
        [row.sender for row in rows],
        [row.kind for row in rows],
        [row.client_id for row in rows],
        [row.body for row in rows],
    )
    return _stored(answer)


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
    )
    found = dict(zip((n for n, *_ in answer), _stored(answer), strict=True))
    return [found.get(n) for n in range(1, len(rows) + 1)]


def _stored(answer: list[Any]) -> list[Stored]:
    return [
        Stored(ThreadId(thread), Seq(seq), created_at, state == b"n", state == b"c")
        for _, thread, seq, created_at, state in answer
    ]


async def make_threads(conn: Connection, pairs: Sequence[Pair]) -> None:
    """Makes the missing threads, sorted, so that two callers never deadlock."""
    await conn.execute(_MAKE, [low for low, _ in pairs], [high for _, high in pairs])


async def mark_read(conn: Connection, marks: dict[Pair, tuple[int, int]]) -> list[Risen]:
    """marks: how far the low and the high member say they have read; 0 for nothing said."""
    answer = await conn.fetch(
        _MARK_READ,
        [low for low, _ in marks],
        [high for _, high in marks],
        [low_read for low_read, _ in marks.values()],
        [high_read for _, high_read in marks.values()],
    )
    return [Risen((low, high), UserId(reader), Seq(seq)) for low, high, reader, seq in answer]
