"""What a restored database needs: its transaction ids may have started over, far below those that it remembers."""

from uuid import UUID

from shared.plumbing.postgres.database import Connection

_RENEW = "UPDATE settings SET log = gen_random_uuid() RETURNING log"
# What they have yet to read was told when the backup was young.
_FORGET_CONSUMERS = "DELETE FROM consumers"
RENEW_SCRIPT = (
    "SET LOCAL search_path = threads; UPDATE settings SET log = gen_random_uuid(); DELETE FROM consumers;"
)
"""The same, for who restores: inside the transaction that brings the log back."""
_DROP_INDEXED = """
DELETE FROM outbox USING indexing
WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()) AND pg_visible_in_snapshot(xid, done)
"""
_ADOPT_OUTBOX = """
UPDATE outbox SET xid = pg_current_xact_id() WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())
"""
_ADOPT_INDEXING = """
UPDATE indexing SET done = '1:1:' WHERE pg_snapshot_xmax(done) > pg_snapshot_xmax(pg_current_snapshot())
"""
_DROP_CONSUMERS = """
DELETE FROM consumers WHERE pg_snapshot_xmax(done) > pg_snapshot_xmax(pg_current_snapshot())
"""


async def adopt_transactions(conn: Connection) -> None:
    """Lets outbox and search index go on where they were. Does nothing if the ids are this server's own.

    What the index has read goes first: under a new id it would be read, and count for its sender's quota, once more.
    """
    await conn.execute(_DROP_INDEXED)
    await conn.execute(_ADOPT_OUTBOX)
    await conn.execute(_ADOPT_INDEXING)
    await conn.execute(_DROP_CONSUMERS)


async def renew_log_id(conn: Connection) -> UUID:
    """Gives the log a new id and returns it."""
    await conn.execute(_FORGET_CONSUMERS)
    renewed: UUID = await conn.fetchval(_RENEW)
    return renewed
