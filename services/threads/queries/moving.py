"""What leaves one shard for another, as services/threads/moving.py moves it.

The tables of events are copied while they grow; what of the outbox the search index of the source has not read tells
what has changed since, in all three: only an event changes them, and the index follows the outbox.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from shared.plumbing.postgres.database import Connection

PROGRAM = "move"
"""As which a mover is known to the outbox, that nothing of it goes."""
Span = tuple[int, int, int]
"""A thread, its first seq and its last."""
TABLES = ("events", "message_states", "search")
"""Of rows with a thread's id and a seq."""
# Twice: what went between the two looks at the index went before the first one was written down.
_BEGIN = """
INSERT INTO consumers (program, done) SELECT $1, done FROM indexing
ON CONFLICT (program) DO UPDATE SET done = excluded.done, gaps = 0
"""
_BEGUN = """
UPDATE consumers SET done = indexing.done FROM indexing WHERE program = $1
RETURNING pg_current_snapshot()::text, consumers.done::text
"""
_ADVANCE = "UPDATE consumers SET done = $2::text::pg_snapshot WHERE program = $1"
_END = "DELETE FROM consumers WHERE program = $1"
_LAST_ID = "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('threads', 'id')::regclass), 0)"
_WRITING = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'threads'::regclass AND mode = 'RowExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_SIZES = "SELECT slot_of(low, high), count(*) FROM threads GROUP BY 1"
_THREADS = "SELECT id, low, high, head FROM threads WHERE slot_of(low, high) = ANY ($1::int[]) ORDER BY id"
_MADE = """
SELECT id, low, high, head FROM threads WHERE id > $2 AND id <= $3 AND slot_of(low, high) = ANY ($1::int[]) ORDER BY id
"""
OF_THREADS = {table: f"SELECT * FROM {table} WHERE thread_id = ANY ($1::bigint[])" for table in TABLES}  # noqa: S608
_DROP_THREADS = [f"DELETE FROM {table} WHERE thread_id = ANY ($1::bigint[])" for table in TABLES]  # noqa: S608
_WANTED = "unnest($1::bigint[], $2::bigint[]) AS wanted (thread_id, seq)"
OF_ROWS = {
    table: f"SELECT t.* FROM {_WANTED} JOIN {table} AS t USING (thread_id, seq)"  # noqa: S608
    for table in TABLES
}
_DROP_ROWS = {
    table: f"DELETE FROM {table} AS t USING {_WANTED} WHERE t.thread_id = wanted.thread_id AND t.seq = wanted.seq"  # noqa: S608
    for table in TABLES
}
# Since two snapshots: of what was committed, and, which saw less, of what was indexed.
_GROWN = """
WITH unindexed AS (
    SELECT * FROM outbox WHERE xid >= pg_snapshot_xmax($2::text::pg_snapshot)
    UNION ALL
    SELECT * FROM outbox WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($2::text::pg_snapshot)))
), changed AS (
    SELECT o.*, NOT pg_visible_in_snapshot(o.xid, $1::text::pg_snapshot) AS is_new
    FROM unindexed AS o CROSS JOIN indexing AS i
    WHERE NOT pg_visible_in_snapshot(o.xid, $1::text::pg_snapshot) OR pg_visible_in_snapshot(o.xid, i.done)
)
SELECT pg_current_snapshot()::text, i.done::text, c.gaps, g.*
FROM indexing AS i LEFT JOIN consumers AS c ON c.program = $4
LEFT JOIN (
    SELECT o.is_new, grown.thread_id, min(grown.first), max(grown.head)
    FROM changed AS o
    CROSS JOIN LATERAL unnest(o.threads, o.lows, o.highs, o.firsts, o.heads)
        AS grown (thread_id, low, high, first, head)
    WHERE slot_of(grown.low, grown.high) = ANY ($3::int[])
    GROUP BY o.is_new, grown.thread_id
) AS g ON true
ORDER BY g.thread_id
"""
# New events, what they changed, and the edits and previews that a deletion emptied.
_CHANGED = """
WITH new AS MATERIALIZED (
    SELECT e.thread_id, e.seq, e.kind, e.target
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS grown (thread_id, first, head)
    CROSS JOIN LATERAL (
        SELECT * FROM events WHERE thread_id = grown.thread_id AND seq BETWEEN grown.first AND grown.head OFFSET 0
    ) AS e
), changed AS MATERIALIZED (
    SELECT DISTINCT thread_id, target AS seq FROM new WHERE kind <> 'message' AND target IS NOT NULL
)
SELECT thread_id, seq FROM new
UNION SELECT thread_id, seq FROM changed
UNION SELECT c.thread_id, e.seq FROM changed AS c
    JOIN events AS e ON e.thread_id = c.thread_id AND e.target = c.seq AND e.kind = 'edit'
UNION SELECT c.thread_id, e.seq FROM changed AS c
    JOIN events AS e ON e.thread_id = c.thread_id AND e.target = c.seq AND e.kind = 'preview'
"""
_BEHIND = """
SELECT reader.name, waiting.n
FROM (
    SELECT '' AS name, done FROM indexing UNION ALL SELECT program, done FROM consumers WHERE program <> $1
) AS reader
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM outbox
    WHERE xid >= pg_snapshot_xmin(reader.done) AND NOT pg_visible_in_snapshot(xid, reader.done)
) AS waiting
ORDER BY waiting.n DESC LIMIT 1
"""
_FORM = "SELECT form, renewed_thread <> 0 FROM indexing"


class Leaving(msgspec.Struct, frozen=True):
    """A thread. head: as it was when it was listed."""

    id: int
    low: int
    high: int
    head: int


class Seen(msgspec.Struct, frozen=True):
    """Two snapshots: what of the outbox was committed, and what of that was indexed."""

    committed: str
    indexed: str


class Grown(msgspec.Struct, frozen=True):
    """now: what has been seen with this. new: of which threads which seqs came. indexed: of what had come before."""

    now: Seen
    new: Sequence[Span]
    indexed: Sequence[Span]


async def begin(conn: Connection) -> Seen:
    """From now on the outbox keeps what the index has yet to read."""
    await conn.execute(_BEGIN, PROGRAM)
    return Seen(*await conn.fetchrow(_BEGUN, PROGRAM))


async def advance(conn: Connection, seen: Seen) -> None:
    """What was indexed by then may go from the outbox."""
    await conn.execute(_ADVANCE, PROGRAM, seen.indexed)


async def end(conn: Connection) -> None:
    """The outbox keeps nothing for a mover any more."""
    await conn.execute(_END, PROGRAM)


async def last_id(conn: Connection) -> int:
    """That this shard gave a thread."""
    last: int = await conn.fetchval(_LAST_ID)
    return last


async def writing(conn: Connection) -> set[str]:
    """The transactions that may have made threads which nobody sees yet."""
    return {transaction for (transaction,) in await conn.fetch(_WRITING)}


async def sizes(conn: Connection) -> dict[int, int]:
    """How many threads each slot has."""
    return dict(await conn.fetch(_SIZES))


async def threads(conn: Connection, slots: Collection[int]) -> list[Leaving]:
    return [Leaving(*row) for row in await conn.fetch(_THREADS, slots)]


async def made(conn: Connection, slots: Collection[int], after: int) -> list[Leaving]:
    """Those that were made here since this was the last id."""
    return [Leaving(*row) for row in await conn.fetch(_MADE, slots, after, await last_id(conn))]


async def drop_threads(conn: Connection, ids: Sequence[int]) -> None:
    for statement in _DROP_THREADS:
        await conn.execute(statement, ids)


async def drop_rows(conn: Connection, tables: Iterable[str], ids: Sequence[int], seqs: Sequence[int]) -> None:
    for table in tables:
        await conn.execute(_DROP_ROWS[table], ids, seqs)


async def grown(conn: Connection, last: Seen, slots: Collection[int]) -> Grown | None:
    """None: some of it may have gone from the outbox."""
    rows = await conn.fetch(_GROWN, last.committed, last.indexed, slots, PROGRAM)
    committed, indexed, gaps = rows[0][:3]
    if gaps != 0:
        return None
    found: dict[bool, list[Span]] = {True: [], False: []}
    for _, _, _, is_new, *span in rows:
        if is_new is not None:
            found[is_new].append((span[0], span[1], span[2]))
    return Grown(Seen(committed, indexed), found[True], found[False])


async def changed(conn: Connection, ranges: Sequence[Span]) -> tuple[Sequence[int], Sequence[int]]:
    """The rows that these events are and have changed: the threads, and the seqs."""
    rows = await conn.fetch(_CHANGED, *map(list, zip(*ranges, strict=True)))
    return [thread for thread, _ in rows], [seq for _, seq in rows]


async def behind(conn: Connection) -> tuple[str, int]:
    """Which program has most to read, and how many batches; "": the search index."""
    name, waiting = await conn.fetchrow(_BEHIND, PROGRAM)
    return name, waiting


async def form(conn: Connection) -> tuple[int, bool]:
    """In which form the words of the search index are, and whether a newer one is being made."""
    found, renewing = await conn.fetchrow(_FORM)
    return found, renewing
