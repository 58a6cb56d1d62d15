"""What there is once: the key that blobs are sealed with, and how far the log is followed."""

from shared.plumbing.postgres import Connection

_SEALED_WITH = """
UPDATE installation SET sealed_with = coalesce(sealed_with, $1) RETURNING sealed_with = $1
"""
_POSITION = "SELECT position FROM installation"
_FOLLOWED = "UPDATE installation SET position = $1"


async def is_sealed_with(conn: Connection, fingerprint: bytes) -> bool:
    """Whether blobs are sealed with this key; the first one asked for is the one."""
    same: bool = await conn.fetchval(_SEALED_WITH, fingerprint)
    return same


async def position(conn: Connection) -> str:
    """How far the log of threads is followed; "" at first."""
    found: str | None = await conn.fetchval(_POSITION)
    return found or ""


async def followed(conn: Connection, position: str) -> None:
    """It is followed up to there."""
    await conn.execute(_FOLLOWED, position)
