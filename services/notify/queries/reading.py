"""How far the log of all threads is read."""

from shared.plumbing.postgres.database import Connection

_POSITION = "SELECT position FROM reading"
_ADVANCE = "UPDATE reading SET position = $2 WHERE position = $1"


async def position(conn: Connection) -> str:
    """Empty before the first page."""
    found: str = await conn.fetchval(_POSITION)
    return found


async def advance(conn: Connection, before: str, after: str) -> bool:
    """False: another process has gone on from there."""
    done: str = await conn.execute(_ADVANCE, before, after)
    return done == "UPDATE 1"
