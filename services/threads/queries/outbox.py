"""The outbox: which threads grew, by transactions, so that a late commit is never skipped.

Transaction ids are good for one life of one server: after a crash those that left no trace are given out again.
"""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from services.threads.queries.snapshots import Snapshot
from shared.plumbing.postgres.database import Connection
from shared.wire.log import Head

# Which life of which server: when it started, and the timeline of its log, which a promoted standby counts on.
_LIFE = """pg_postmaster_start_time() || ' '
    || CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END"""
_MOMENT = f"pg_current_snapshot()::text, {_LIFE}, s.log::text, (pg_current_wal_flush_lsn() - '0/0')::bigint"
_NOW = f"SELECT {_MOMENT} FROM settings AS s"  # noqa: S608  # a constant
# The rows and the next moment come from one snapshot: that is what makes the feed complete.
_SINCE = f"""
SELECT {_MOMENT}, o.threads, o.lows, o.highs, o.heads
FROM settings AS s LEFT JOIN (
    SELECT * FROM outbox WHERE xid >= pg_snapshot_xmax($1::text::pg_snapshot)
    UNION ALL
    SELECT * FROM outbox WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot)))
) AS o ON true
"""  # noqa: S608  # a constant
# Batches and the moment come from one snapshot, as above. WITH TIES: a transaction is read as a whole, or what it has
# left would be taken for done; a restored outbox is all of one.
_BATCHES = """
SELECT pg_current_snapshot()::text AS now, o.xid::text, o.threads, o.lows, o.highs, o.firsts, o.heads
FROM (SELECT 1) AS always LEFT JOIN LATERAL (
    (SELECT * FROM outbox WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot)))
        ORDER BY xid FETCH FIRST $2 ROWS WITH TIES)
    UNION ALL
    (SELECT * FROM outbox WHERE xid >= pg_snapshot_xmax($1::text::pg_snapshot)
        ORDER BY xid FETCH FIRST $2 ROWS WITH TIES)
) AS o ON true
ORDER BY o.xid
"""
# What a consumer has yet to read stays; the first of the two conditions on them ends the scan.
_FORGET = """
DELETE FROM outbox USING indexing
WHERE xid < least(
        pg_snapshot_xmax($1::text::pg_snapshot), pg_snapshot_xmax(done),
        (SELECT min(pg_snapshot_xmax(consumers.done)) FROM consumers)
    )
    AND pg_visible_in_snapshot(xid, $1::text::pg_snapshot) AND pg_visible_in_snapshot(xid, done)
    AND NOT EXISTS (SELECT FROM consumers WHERE NOT pg_visible_in_snapshot(xid, consumers.done))
"""
# Nothing but a look at the oldest row, unless that one is too old.
_DROP = """
WITH gone AS (
    DELETE FROM outbox WHERE ctid = ANY (ARRAY(
        SELECT oldest.ctid
        FROM (SELECT ctid, xid, created_at FROM outbox ORDER BY xid LIMIT $2) AS oldest CROSS JOIN indexing
        WHERE created_at < now() - $1::interval AND pg_visible_in_snapshot(xid, done)
    ))
    AND (SELECT created_at FROM outbox ORDER BY xid LIMIT 1) < now() - $1::interval
    RETURNING xid
)
UPDATE consumers SET gaps = gaps + 1
WHERE EXISTS (SELECT FROM gone WHERE NOT pg_visible_in_snapshot(gone.xid, done))
"""
_MAX_DROPPED = 1000

Range = tuple[int, int, int, int, int]
"""What grew: thread, low, high, first seq, last seq."""


class Moment(msgspec.Struct, frozen=True):
    """snapshot: which transactions had committed. life: of the server, in which alone it is true.

    log: its id. flushed: how much of everything was on the disk, in bytes; it never falls, unless a part is lost.
    """

    snapshot: str
    life: str
    log: str = ""
    flushed: int = 0


class Rose(msgspec.Struct, frozen=True):
    """heads: of the batches committed since the last moment. next: the moment of this answer."""

    heads: list[Head]
    next: Moment


class Grown(msgspec.Struct, frozen=True):
    """Batches that a snapshot did not see. taken: their transactions. more: there are others.

    last: that snapshot. now: the one of this answer.
    """

    last: Snapshot
    now: Snapshot
    taken: Sequence[int]
    ranges: list[Range]
    more: bool

    @property
    def done(self) -> Snapshot:
        """Sees these too; for who writes it down in the transaction in which it reads them."""
        return self.read if self.more else self.now

    @property
    def read(self) -> Snapshot:
        """The same up to the last of them: a crash of PostgreSQL gives no transaction that it sees out again."""
        return self.last.with_first(self.taken, self.now) if self.taken else self.last


async def moment(conn: Connection) -> Moment:
    """Now."""
    return Moment(*await conn.fetchrow(_NOW))


async def since(conn: Connection, last: Moment) -> Rose:
    """What has been committed since `last`; in another life of the server perhaps not all of it."""
    rows = await conn.fetch(_SINCE, last.snapshot)
    heads = [
        Head(*head)
        for _, _, _, _, *columns in rows
        if columns[0] is not None
        for head in zip(*columns, strict=True)
    ]
    return Rose(heads, Moment(*rows[0][:4]))


async def grown(conn: Connection, done: Snapshot, most: int) -> Grown:
    """The next batches that `done` does not see, oldest first; ends with the transaction that reaches `most` events."""
    rows = await conn.fetch(_BATCHES, str(done), most + 1)
    batches = [row for row in rows if row["xid"] is not None]
    taken: list[int] = []
    ranges: list[Range] = []
    size = 0
    for row in batches:
        xid = int(row["xid"])
        if size >= most and xid != taken[-1]:
            break
        taken.append(xid)
        columns = (row[name] for name in ("threads", "lows", "highs", "firsts", "heads"))
        for one in zip(*columns, strict=True):
            ranges.append(one)
            size += one[4] - one[3] + 1
    more = len(taken) < len(batches) or len(taken) > most
    return Grown(done, Snapshot.parse(rows[0]["now"]), taken, ranges, more)


async def forget(conn: Connection, until: Moment) -> None:
    """Deletes what was committed by then, except what the search index and the consumers have yet to read."""
    await conn.execute(_FORGET, until.snapshot)


async def drop(conn: Connection, age: timedelta) -> None:
    """Deletes some of what is older and indexed. A consumer that had yet to read it is told of a gap."""
    await conn.execute(_DROP, age, _MAX_DROPPED)
