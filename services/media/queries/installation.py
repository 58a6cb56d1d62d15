"""What there is once: the key that blobs were last sealed with, and how far the log is followed."""

from collections.abc import Sequence

from shared.plumbing.postgres.database import Connection

_OPENS = """
UPDATE installation SET sealed_with = $1[1] WHERE sealed_with IS NULL OR sealed_with = ANY ($1) RETURNING true
"""
_POSITION = "SELECT position FROM installation"
_FOLLOWED = "UPDATE installation SET position = $1"


async def opens(conn: Connection, keys: Sequence[bytes]) -> bool:
    """Whether the key that last sealed is one of these, by name. The first of them seals from now on."""
    return bool(await conn.fetchval(_OPENS, keys))


async def position(conn: Connection) -> str:
    """How far the log of threads is followed; "" at first."""
    found: str | None = await conn.fetchval(_POSITION)
    return found or ""


async def followed(conn: Connection, position: str) -> None:
    """It is followed up to there."""
    await conn.execute(_FOLLOWED, position)
