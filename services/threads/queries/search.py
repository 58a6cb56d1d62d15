"""The search index: what feeds it, and what it finds."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.threads.frames import Event
from shared.plumbing.postgres import Connection

_MAX_BATCHES = 100
_MAX_MESSAGES = 64
"""A round ends with the transaction that reaches this: its own transaction holds up the heads feed's watermark."""
_ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtext('duet.threads.indexing'))"
_DONE = "SELECT done::text FROM indexing"
# Batches and the next watermark come from one snapshot, as in the heads feed. $2: batches indexed already,
# whose transactions are still at or above the watermark because an older one has not ended. WITH TIES: a transaction
# is indexed as a whole, or what it has left would be taken for known; a restored outbox is all of one.
_BATCHES = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS next, o.xid::text, o.threads, o.lows, o.highs, o.firsts, o.heads
FROM (SELECT 1) AS always LEFT JOIN LATERAL (
    SELECT * FROM outbox
    WHERE xid >= $1::text::xid8
        AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS known (xid) WHERE known.xid::xid8 = outbox.xid)
    ORDER BY xid FETCH FIRST $3 ROWS WITH TIES
) AS o ON true
ORDER BY o.xid
"""
_MESSAGES = """
SELECT grown.thread_id, grown.low, grown.high, e.seq, e.created_at, e.body
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
    AS grown (thread_id, low, high, first, head)
CROSS JOIN LATERAL (
    SELECT seq, created_at, body FROM events
    WHERE thread_id = grown.thread_id AND seq BETWEEN grown.first AND grown.head AND kind = 'message'
    OFFSET 0
) AS e
"""
_ADD = """
INSERT INTO search (thread_id, seq, created_at, words)
SELECT thread_id, seq, created_at, words::tsvector
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[]) AS new (thread_id, seq, created_at, words)
ON CONFLICT DO NOTHING
"""
_ADVANCE = "UPDATE indexing SET done = $1::text::xid8"
_FIND = """
SELECT hit.thread_id, t.low, t.high, e.seq, e.kind, e.sender_id, e.client_id, e.body, e.created_at
FROM (
    SELECT thread_id, seq, created_at FROM search
    WHERE words @@ $1::text::tsquery AND ($2::bigint IS NULL OR thread_id = $2)
        AND (created_at, thread_id, seq) < ($3, $4, $5)
    ORDER BY created_at DESC, thread_id DESC, seq DESC LIMIT $6
) AS hit
CROSS JOIN LATERAL (SELECT low, high FROM threads WHERE id = hit.thread_id LIMIT 1) AS t
CROSS JOIN LATERAL (SELECT * FROM events WHERE thread_id = hit.thread_id AND seq = hit.seq LIMIT 1) AS e
WHERE $7 IN (t.low, t.high)
ORDER BY hit.created_at DESC, hit.thread_id DESC, hit.seq DESC
"""


Range = tuple[int, int, int, int, int]


class Grown(msgspec.Struct, frozen=True):
    """Batches to index: the transaction of each, and what grew: (thread, low, high, first seq, last seq).

    next: the new watermark. more: there are others.
    """

    xids: list[int]
    ranges: list[Range]
    next: int
    more: bool


class Unindexed(msgspec.Struct, frozen=True):
    """A message on its way into the index."""

    thread: int
    low: int
    high: int
    seq: int
    created_at: datetime
    text: str


class Hit(msgspec.Struct, frozen=True):
    """A message that was found."""

    thread: int
    low: int
    high: int
    event: Event


async def claim(conn: Connection) -> bool:
    """Whether this transaction may index: only one process does at a time."""
    claimed: bool = await conn.fetchval(_ONE_AT_A_TIME)
    return claimed


async def done(conn: Connection) -> int:
    """The watermark: all batches of transactions before it are indexed."""
    return int(await conn.fetchval(_DONE))


async def grown(conn: Connection, since: int, known: Sequence[int]) -> Grown:
    """The next batches of transactions from `since` on that are not among `known`, oldest first."""
    rows = await conn.fetch(_BATCHES, str(since), [str(xid) for xid in known], _MAX_BATCHES)
    following = int(rows[0]["next"])
    batches = [row for row in rows if row["xid"] is not None]
    xids: list[int] = []
    ranges: list[Range] = []
    size = 0
    for row in batches:
        xid = int(row["xid"])
        if size >= _MAX_MESSAGES and xid != xids[-1]:
            break
        xids.append(xid)
        columns = (row[name] for name in ("threads", "lows", "highs", "firsts", "heads"))
        for one in zip(*columns, strict=True):
            ranges.append(one)
            size += one[4] - one[3] + 1
    more = len(xids) < len(batches) or len(xids) >= _MAX_BATCHES
    return Grown(xids, ranges, min(following, xids[-1]) if more else following, more)


async def messages(conn: Connection, ranges: Sequence[Range]) -> list[Unindexed]:
    """The messages among these events."""
    columns = [list(column) for column in zip(*ranges, strict=True)]
    return [Unindexed(*row) for row in await conn.fetch(_MESSAGES, *columns)]


async def add(conn: Connection, found: Sequence[Unindexed], documents: Sequence[str]) -> None:
    """documents: tsvector literals, one for each message. Messages already in the index stay as they are."""
    threads = [one.thread for one in found]
    seqs = [one.seq for one in found]
    await conn.execute(_ADD, threads, seqs, [one.created_at for one in found], documents)


async def advance(conn: Connection, watermark: int) -> None:
    """Sets the watermark."""
    await conn.execute(_ADVANCE, str(watermark))


async def find(
    conn: Connection, user: int, query: str, thread: int | None, before: tuple[datetime, int, int], limit: int
) -> list[Hit]:
    """Newest first, below `before` (time, thread, seq). query: a tsquery over the words of `user`."""
    rows = await conn.fetch(_FIND, query, thread, *before, limit, user)
    return [Hit(thread, low, high, Event(*event)) for thread, low, high, *event in rows]
