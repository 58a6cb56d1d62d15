"""Which server the accounts are on."""

from shared.plumbing.postgres.database import Connection
from shared.plumbing.postgres.timeline import IDS_TO_SKIP, SERVER

_KNOWN = f"SELECT name, {SERVER} FROM server, pg_control_system()"  # noqa: S608  # a constant
# What it is asked with are digits.
_IS_STILL = f"SELECT FROM server, pg_control_system() WHERE name = {SERVER} AND name = '%s'"  # a constant
# Of several who notice, one moves it; the others have waited for the row, and find it done.
_MOVE = "UPDATE server SET name = $1 WHERE name IS DISTINCT FROM $1"
_BEFORE = "SELECT name FROM server FOR UPDATE"
_SKIP_IDS = f"""
SELECT setval(pg_get_serial_sequence('users', 'id'), nextval(pg_get_serial_sequence('users', 'id')) + {IDS_TO_SKIP})
"""


async def known(conn: Connection) -> tuple[str | None, str]:
    """The server that they were found on, and the one that this is."""
    before, now = await conn.fetchrow(_KNOWN)
    return before, now


def is_still(server: str) -> str:
    """SQL without parameters that finds a row if this is that server."""
    return _IS_STILL % server


async def move(conn: Connection, server: str) -> None:
    """The accounts are on this server now. If they were on another, it goes on with ids that nobody can have."""
    async with conn.transaction():
        before = await conn.fetchval(_BEFORE)
        await conn.execute(_MOVE, server)
        if before not in (None, server):
            await conn.execute(_SKIP_IDS)
