"""The outbox: which threads grew, in the order of transactions, so that a late commit is never skipped.

Transaction ids are good for one life of one server: after a crash those that left no trace are given out again.
"""

import msgspec

from shared.plumbing.postgres import Connection
from shared.wire.log import Head

# Which life of which server: when it started, and the timeline of its log, which a promoted standby counts on.
_LIFE = """pg_postmaster_start_time() || ' '
    || CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END"""
_NOW = f"SELECT pg_snapshot_xmin(pg_current_snapshot())::text, {_LIFE}"
# The rows and the next watermark come from one snapshot: that is what makes the feed complete.
_SINCE = f"""
SELECT pg_snapshot_xmin(pg_current_snapshot())::text, {_LIFE}, o.threads, o.lows, o.highs, o.heads
FROM (SELECT 1) AS always LEFT JOIN outbox AS o ON o.xid >= $1::text::xid8
"""  # noqa: S608  # a constant
_FORGET = "DELETE FROM outbox WHERE xid < $1::text::xid8 AND xid < (SELECT done FROM indexing)"


class Watermark(msgspec.Struct, frozen=True):
    """xid: the oldest transaction (xid8) that may still commit. life: of the server, in which alone it is true."""

    xid: str
    life: str


class Rose(msgspec.Struct, frozen=True):
    """heads: of the batches committed since the watermark, some of them perhaps seen before. next: the new one."""

    heads: list[Head]
    next: Watermark


async def watermark(conn: Connection) -> Watermark:
    """That of now."""
    return Watermark(*await conn.fetchrow(_NOW))


async def since(conn: Connection, last: Watermark) -> Rose:
    """What transactions from `last` on have committed; in another life of the server perhaps not all."""
    rows = await conn.fetch(_SINCE, last.xid)
    heads = [
        Head(*head)
        for _, _, *columns in rows
        if columns[0] is not None
        for head in zip(*columns, strict=True)
    ]
    return Rose(heads, Watermark(*rows[0][:2]))


async def forget(conn: Connection, before: Watermark) -> None:
    """Deletes the rows of transactions before that watermark, except those that the search index has yet to read."""
    await conn.execute(_FORGET, before.xid)
