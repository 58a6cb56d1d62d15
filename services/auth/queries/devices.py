"""The browsers that a user has logged in from, each known by the hash of the token it holds."""

from datetime import timedelta

from shared.plumbing.postgres.database import Connection

KEPT_UNUSED = timedelta(days=730)  # as long as the gateway's cookie
MAX_A_USER = 100

_IS_KNOWN = """
SELECT true FROM devices JOIN users ON users.id = user_id WHERE username = $1 AND token_hash = $2
"""
_REMEMBER = """
INSERT INTO devices (user_id, token_hash) VALUES ($1, $2)
ON CONFLICT (user_id, token_hash) DO UPDATE SET last_used_at = now()
"""
_FORGET_SURPLUS = """
DELETE FROM devices WHERE user_id = $1 AND token_hash IN (
    SELECT token_hash FROM devices WHERE user_id = $1 ORDER BY last_used_at DESC OFFSET $2)
"""
_FORGET_ALL = "DELETE FROM devices WHERE user_id = $1"
_PURGE = """
DELETE FROM devices WHERE (user_id, token_hash) IN (
    SELECT user_id, token_hash FROM devices WHERE last_used_at < now() - $1::interval LIMIT $2)
"""


async def is_known(conn: Connection, username: str, token_hash: bytes) -> bool:
    """Whether the user with that (folded) name has logged in from that device."""
    return bool(await conn.fetchval(_IS_KNOWN, username, token_hash))


async def remember(conn: Connection, user: int, token_hash: bytes) -> None:
    """Notes that the device was used just now. A user keeps the 100 most recently used ones."""
    await conn.execute(_REMEMBER, user, token_hash)
    await conn.execute(_FORGET_SURPLUS, user, MAX_A_USER)


async def forget_all(conn: Connection, user: int) -> None:
    await conn.execute(_FORGET_ALL, user)


async def purge(conn: Connection, batch: int) -> int:
    """Deletes up to `batch` devices unused for two years; returns how many."""
    done: str = await conn.execute(_PURGE, KEPT_UNUSED, batch)
    return int(done.removeprefix("DELETE "))
