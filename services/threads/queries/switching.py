"""The moment in which slots leave one shard for another: what the source gives away, and what the target gets."""

from collections.abc import Collection, Sequence

from services.threads.queries import strays, usage
from services.threads.queries.moving import PROGRAM, Leaving, end
from services.threads.queries.outbox import Range
from services.threads.queries.placing import COLUMNS
from services.threads.queries.search import INDEXING_LOCK
from shared.plumbing.postgres.database import Connection

_CLAIM_INDEX = f"SELECT pg_advisory_xact_lock({INDEXING_LOCK})"
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


async def claim_index(conn: Connection) -> None:
    """The search index stands still until the end of this transaction."""
    await conn.execute(_CLAIM_INDEX)


async def withdraw(conn: Connection, slots: Collection[int]) -> Sequence[Range]:
    """Takes out of the outbox what of these slots somebody has yet to read, and off what people have stored what of it
    the index has counted: it is read, and counted, elsewhere."""
    rows = await conn.fetch(_WITHDRAW, slots, PROGRAM)
    ranges = [tuple(row[1:]) for row in rows]
    indexed = [found for (was, *_), found in zip(rows, ranges, strict=True) if was]
    if indexed:
        await usage.uncount(conn, [(thread, first, head) for thread, _, _, first, head in indexed])
    return ranges


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
    await strays.stray(conn, (one.id for one in leaving))
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
