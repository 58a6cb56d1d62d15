"""What leaves one shard for another, as services/threads/moving.py moves it.

The tables of events are copied while they grow; what of the outbox the search index of the source has not read tells
what has changed since, in all three: only an event changes them, and the index follows the outbox.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from services.threads.queries import usage
from services.threads.queries.outbox import Range
from services.threads.queries.placing import COLUMNS
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
_STRAY = "INSERT INTO strays SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING"
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
_CLAIM_INDEX = "SELECT pg_advisory_xact_lock(hashtext('duet.threads.indexing'))"
_FORM = "SELECT form, renewed_thread <> 0 FROM indexing"
# A row keeps its transaction, so that who has read what stays in it does not read that again.
_WITHDRAW = """
WITH reader AS MATERIALIZED (
    SELECT '' AS name, done FROM indexing UNION ALL SELECT program, done FROM consumers WHERE program <> $2
), waiting AS MATERIALIZED (
    SELECT o.ctid AS place, o.*, pg_visible_in_snapshot(o.xid, (SELECT done FROM indexing)) AS indexed
    FROM outbox AS o
    WHERE o.xid >= (SELECT min(pg_snapshot_xmin(done)) FROM reader)
        AND EXISTS (SELECT FROM reader WHERE NOT pg_visible_in_snapshot(o.xid, done))
), grown AS MATERIALIZED (
    SELECT w.place, w.xid, w.indexed, g.*, slot_of(g.low, g.high) = ANY ($1::int[]) AS leaves
    FROM waiting AS w
    CROSS JOIN LATERAL unnest(w.threads, w.lows, w.highs, w.firsts, w.heads)
        WITH ORDINALITY AS g (thread_id, low, high, first, head, n)
), gone AS (
    DELETE FROM outbox WHERE ctid = ANY (ARRAY(SELECT place FROM grown GROUP BY place HAVING bool_and(leaves)))
), kept AS (
    UPDATE outbox AS o
    SET threads = g.threads, lows = g.lows, highs = g.highs, firsts = g.firsts, heads = g.heads
    FROM (
        SELECT place, array_agg(thread_id ORDER BY n) FILTER (WHERE NOT leaves) AS threads,
            array_agg(low ORDER BY n) FILTER (WHERE NOT leaves) AS lows,
            array_agg(high ORDER BY n) FILTER (WHERE NOT leaves) AS highs,
            array_agg(first ORDER BY n) FILTER (WHERE NOT leaves) AS firsts,
            array_agg(head ORDER BY n) FILTER (WHERE NOT leaves) AS heads
        FROM grown GROUP BY place HAVING bool_or(leaves) AND NOT bool_and(leaves)
    ) AS g
    WHERE o.ctid = g.place
)
SELECT indexed, thread_id, low, high, first, head FROM grown WHERE leaves ORDER BY xid, place, n
"""
ROWS = f"SELECT {COLUMNS} FROM threads WHERE id = ANY ($1::bigint[])"  # noqa: S608
_OWN = """
unnest($1::bigint[], $2::bigint[]) AS pair (low, high)
CROSS JOIN LATERAL (VALUES (pair.low, pair.high), (pair.high, pair.low)) AS own (owner, peer)
"""
_OF_NOBODY = "s.threadless AND slot_of(least(s.owner, s.peer), greatest(s.owner, s.peer)) = ANY ($3::int[])"
# A state without a thread says so itself; so may one whose thread came later.
STATES = f"""
SELECT s.* FROM {_OWN} JOIN member_states AS s ON s.owner = own.owner AND s.peer = own.peer WHERE NOT s.threadless
UNION ALL
SELECT s.* FROM member_states AS s WHERE {_OF_NOBODY}
"""  # noqa: S608  # a constant
_DROP_STATES = f"""
WITH theirs AS (
    DELETE FROM member_states AS s USING {_OWN}
    WHERE s.owner = own.owner AND s.peer = own.peer AND NOT s.threadless
)
DELETE FROM member_states AS s WHERE {_OF_NOBODY}
"""  # noqa: S608  # a constant
USAGE = "SELECT * FROM usage"
_ARRIVALS = ("arriving", "arriving_states", "arriving_ranges", "arriving_usage")
_EMPTY_ARRIVALS = [f"DELETE FROM {table}" for table in _ARRIVALS]  # noqa: S608  # constants
_READERS = "SELECT program FROM consumers WHERE program <> $1"
# What is written here from now on is theirs to read.
_READ_HERE = """
INSERT INTO consumers (program, done) SELECT unnest($1::text[]), pg_current_snapshot() ON CONFLICT DO NOTHING
"""
_ARRIVES = "UPDATE settings SET arriving = $1, arriving_from = $2"
_LET_GO = """
UPDATE settings SET moves = moves + 1,
    slots = ARRAY(SELECT unnest(slots) EXCEPT SELECT unnest($1::smallint[]) ORDER BY 1)
"""
_FLUSHED = "SELECT pg_current_wal_flush_lsn()::text"
# Of standbys alone: who only keeps the log may be a file behind. Who may not see them waits for none.
_FOLLOWED = """
SELECT coalesce(bool_and(flush_lsn >= $1::text::pg_lsn), true) FROM pg_stat_replication WHERE replay_lsn IS NOT NULL
"""
_DROP = "DELETE FROM threads WHERE id = ANY ($1::bigint[])"
_DROP_USAGE = "DELETE FROM usage"

_STRAYS = """
SELECT thread_id FROM strays WHERE thread_id > $1 AND NOT EXISTS (SELECT FROM threads WHERE id = thread_id)
ORDER BY thread_id LIMIT $2
"""
# Seqs have no gaps.
_WHOLE = """
SELECT id FROM threads AS t
WHERE id = ANY ($1::bigint[]) AND head = (SELECT count(*) FROM events WHERE thread_id = t.id)
"""
_TIDY = [
    f"""
    DELETE FROM {table} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM {table} WHERE thread_id = ANY ($1::bigint[]) LIMIT $2
    ))
    """  # noqa: S608  # a constant
    for table in TABLES
]
_TIDIED = "DELETE FROM strays WHERE thread_id = ANY ($1::bigint[])"


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


class Waiting(msgspec.Struct, frozen=True):
    """Ranges that the search index or a program has yet to read. indexed: those that the index has read."""

    ranges: Sequence[Range]
    indexed: Sequence[Range]


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


async def stray(conn: Connection, ids: Iterable[int]) -> None:
    """Other tables may hold rows of these threads, which are not here, or not yet."""
    await conn.execute(_STRAY, list(ids))


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


async def claim_index(conn: Connection) -> None:
    """The search index stands still until the end of this transaction."""
    await conn.execute(_CLAIM_INDEX)


async def form(conn: Connection) -> tuple[int, bool]:
    """In which form the words of the search index are, and whether a newer one is being made."""
    found, renewing = await conn.fetchrow(_FORM)
    return found, renewing


async def withdraw(conn: Connection, slots: Collection[int]) -> Waiting:
    """Takes what is about these slots out of the outbox, and off what people have stored, to be read elsewhere."""
    rows = await conn.fetch(_WITHDRAW, slots, PROGRAM)
    ranges = [tuple(row[1:]) for row in rows]
    indexed = [found for (was, *_), found in zip(rows, ranges, strict=True) if was]
    if indexed:
        await usage.uncount(conn, [(thread, first, head) for thread, _, _, first, head in indexed])
    return Waiting(ranges, indexed)


async def readers(conn: Connection) -> list[str]:
    return [program for (program,) in await conn.fetch(_READERS, PROGRAM)]


async def read_here(conn: Connection, programs: Sequence[str]) -> None:
    """Those who have not read here before do so from now on."""
    await conn.execute(_READ_HERE, programs)


async def arrives(conn: Connection, slots: Collection[int], giver: int) -> None:
    """They are here as soon as the shard of that number does not hold them any more."""
    await conn.execute(_ARRIVES, sorted(slots), giver)


async def forget_arrivals(conn: Connection) -> None:
    """Nothing is on its way here any more."""
    async with conn.transaction():
        await conn.execute(_ARRIVES, [], None)
        for statement in _EMPTY_ARRIVALS:
            await conn.execute(statement)


async def let_go(conn: Connection, slots: Collection[int], leaving: Sequence[Leaving], *, empty: bool) -> int:
    """This shard does not hold them any more, nor their threads; how many those were. empty: it holds nothing then."""
    await conn.execute(_LET_GO, sorted(slots))
    done = await conn.execute(_DROP, [one.id for one in leaving])
    lows, highs = [one.low for one in leaving], [one.high for one in leaving]
    await conn.execute(_DROP_STATES, lows, highs, slots)
    await stray(conn, (one.id for one in leaving))
    if empty:
        await conn.execute(_DROP_USAGE)
    await end(conn)
    return int(done.rpartition(" ")[2])


async def flushed(conn: Connection) -> str:
    """How much of all that was written is on the disk."""
    lsn: str = await conn.fetchval(_FLUSHED)
    return lsn


async def followed(conn: Connection, lsn: str) -> bool:
    """Whether every standby that follows has as much on its own."""
    has: bool = await conn.fetchval(_FOLLOWED, lsn)
    return has


async def strays(conn: Connection, after: int, most: int) -> list[int]:
    """Threads of which rows may be here, though they are not."""
    return [thread for (thread,) in await conn.fetch(_STRAYS, after, most)]


async def whole(conn: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these threads that are here with all their events."""
    return {thread for (thread,) in await conn.fetch(_WHOLE, ids)}


async def tidy(conn: Connection, ids: Sequence[int], most: int) -> bool:
    """Deletes some rows of these threads; whether there may be more."""
    for statement in _TIDY:
        done = await conn.execute(statement, ids, most)
        if done != "DELETE 0":
            return True
    await conn.execute(_TIDIED, ids)
    return False
