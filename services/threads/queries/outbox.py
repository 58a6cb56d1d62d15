"""The outbox: which threads grew, in the order of transactions, so that a late commit is never skipped."""

import msgspec

from shared.plumbing.postgres import Connection
from shared.wire.log import Head

_NOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
# The rows and the next watermark come from one snapshot: that is what makes the feed complete.
_SINCE = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS next, o.threads, o.lows, o.highs, o.heads
FROM (SELECT 1) AS always LEFT JOIN outbox AS o ON o.xid >= $1::text::xid8
"""
_FORGET = "DELETE FROM outbox WHERE xid < $1::text::xid8 AND xid < (SELECT done FROM indexing)"


class Rose(msgspec.Struct, frozen=True):
    """heads: of the batches committed since the watermark, some of them perhaps seen before. next: the new one."""

    heads: list[Head]
    next: str


async def watermark(conn: Connection) -> str:
    """The oldest transaction (xid8) that may still commit."""
    found: str = await conn.fetchval(_NOW)
    return found


async def since(conn: Connection, last: str) -> Rose:
    """What transactions from `last` on have committed."""
    rows = await conn.fetch(_SINCE, last)
    heads = [
        Head(*head) for _, *columns in rows if columns[0] is not None for head in zip(*columns, strict=True)
    ]
    return Rose(heads, rows[0][0])


async def forget(conn: Connection, before: str) -> None:
    """Removes the rows of transactions before that watermark, except what the search index has yet to read."""
    await conn.execute(_FORGET, before)
