"""The outbox: which threads grew, by transactions, so that a late commit is never skipped.

Transaction ids are good for one life of one server: after a crash those that left no trace are given out again.
"""

import msgspec

from shared.plumbing.postgres import Connection
from shared.wire.log import Head

# Which life of which server: when it started, and the timeline of its log, which a promoted standby counts on.
_LIFE = """pg_postmaster_start_time() || ' '
    || CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END"""
_NOW = f"SELECT pg_current_snapshot()::text, {_LIFE}"
# The rows and the next moment come from one snapshot: that is what makes the feed complete.
_SINCE = f"""
SELECT pg_current_snapshot()::text, {_LIFE}, o.threads, o.lows, o.highs, o.heads
FROM (SELECT 1) AS always LEFT JOIN (
    SELECT * FROM outbox WHERE xid >= pg_snapshot_xmax($1::text::pg_snapshot)
    UNION ALL
    SELECT * FROM outbox WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot)))
) AS o ON true
"""  # noqa: S608  # a constant
_FORGET = """
DELETE FROM outbox USING indexing
WHERE xid < least(pg_snapshot_xmax($1::text::pg_snapshot), pg_snapshot_xmax(done))
    AND pg_visible_in_snapshot(xid, $1::text::pg_snapshot) AND pg_visible_in_snapshot(xid, done)
"""


class Moment(msgspec.Struct, frozen=True):
    """snapshot: which transactions had committed. life: of the server, in which alone it is true."""

    snapshot: str
    life: str


class Rose(msgspec.Struct, frozen=True):
    """heads: of the batches committed since the last moment. next: the moment of this answer."""

    heads: list[Head]
    next: Moment


async def moment(conn: Connection) -> Moment:
    """Now."""
    return Moment(*await conn.fetchrow(_NOW))


async def since(conn: Connection, last: Moment) -> Rose:
    """What has been committed since `last`; in another life of the server perhaps not all of it."""
    rows = await conn.fetch(_SINCE, last.snapshot)
    heads = [
        Head(*head)
        for _, _, *columns in rows
        if columns[0] is not None
        for head in zip(*columns, strict=True)
    ]
    return Rose(heads, Moment(*rows[0][:2]))


async def forget(conn: Connection, until: Moment) -> None:
    """Deletes what was committed by then, except what the search index has yet to read."""
    await conn.execute(_FORGET, until.snapshot)
