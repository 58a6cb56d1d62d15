"""The blobs that no attachment has."""

from collections.abc import Sequence
from datetime import timedelta

from shared.plumbing.postgres.database import Connection

_ADD = """
INSERT INTO loose SELECT key, now() + $2 FROM unnest($1::text[]) AS key
ON CONFLICT (key) DO UPDATE SET due = excluded.due
"""
_TAKE = "DELETE FROM loose WHERE key = ANY ($1) RETURNING key"
_DUE = "SELECT key FROM loose WHERE due <= now() ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED"
# A backup holds the same lock for itself: see backup.py.
_MAY_DELETE = "SELECT pg_try_advisory_xact_lock_shared(hashtext('duet.media.backup'))"


async def add(conn: Connection, keys: Sequence[str], due_in: timedelta) -> None:
    """Blobs that are to be deleted then, unless something takes them."""
    await conn.execute(_ADD, keys, due_in)


async def take(conn: Connection, keys: Sequence[str]) -> bool:
    """Whether all of them were still there; an attachment of this transaction has them now."""
    return len(await conn.fetch(_TAKE, keys)) == len(keys)


async def due(conn: Connection, limit: int) -> list[str]:
    """Those to delete now. Until the end of the transaction nobody else takes them."""
    return [row["key"] for row in await conn.fetch(_DUE, limit)]


async def may_delete(conn: Connection) -> bool:
    """Unless a backup is made. Until the end of the transaction none begins."""
    free: bool = await conn.fetchval(_MAY_DELETE)
    return free


async def forget(conn: Connection, keys: Sequence[str]) -> None:
    """They are deleted."""
    await conn.execute(_TAKE, keys)
