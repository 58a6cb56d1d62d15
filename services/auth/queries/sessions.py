"""Sessions in PostgreSQL: live ones, ended ones, and those to purge.

A session lives until it is ended, unused for 14 days, or 90 days old: the view live_sessions. Times are the
database's, so that all auth processes have one clock.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from shared.plumbing.postgres.database import Connection
from shared.wire.accounts import SessionInfo
from shared.wire.http import SessionItem

RENEW_EVERY = timedelta(minutes=1)
LISTED_AS_ENDED = timedelta(seconds=90)
KEPT_WHEN_ENDED = timedelta(days=1)
KEPT_WHEN_EXPIRED = timedelta(days=91)  # from the log-in; no session lives that long
MAX_LIVE_A_USER = 100

_OPEN = """
INSERT INTO sessions (token_hash, user_id, device_hash, user_agent) VALUES ($1, $2, $3, $4) RETURNING id
"""
_REOPEN = """
INSERT INTO sessions (token_hash, user_id, device_hash, user_agent)
SELECT $2, user_id, $3, user_agent FROM live_sessions WHERE id = $1 RETURNING id
"""
# LATERAL with LIMIT forces an index lookup, even in a plan that was made while the table was small.
_FIND = """
SELECT live.token_hash, users.id AS user, username, display_name, live.id AS session,
    live.last_used_at < now() - $2::interval AS stale
FROM unnest($1::bytea[]) AS asked (hash)
CROSS JOIN LATERAL (SELECT * FROM live_sessions WHERE token_hash = asked.hash LIMIT 1) AS live
CROSS JOIN LATERAL (SELECT id, username, display_name FROM users WHERE id = live.user_id LIMIT 1) AS users
"""
# Conditional, so that a slow request never revives a session that has ended meanwhile. Two gateways may ask about
# the same sessions, so rows are locked in a fixed order.
_RENEW = """
WITH held AS (
    SELECT id FROM sessions
    WHERE id = ANY($1::uuid[]) AND ended_at IS NULL AND last_used_at < now() - $2::interval
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE sessions SET last_used_at = now() FROM held WHERE sessions.id = held.id
"""
_INFO = """
SELECT users.id AS user, username, display_name, live.id AS session
FROM live_sessions AS live JOIN users ON users.id = live.user_id WHERE live.id = $1
"""
_LIST = """
SELECT id, id = $2 AS current, created_at, last_used_at, user_agent FROM live_sessions
WHERE user_id = $1 ORDER BY last_used_at DESC, id
"""
_END = "UPDATE live_sessions SET ended_at = now() WHERE user_id = $1 AND id = $2"
_END_PRESENTED = "UPDATE sessions SET ended_at = now() WHERE token_hash = $1 AND ended_at IS NULL"
_END_OTHERS = "UPDATE sessions SET ended_at = now() WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL"
_END_ALL = "UPDATE sessions SET ended_at = now() WHERE user_id = $1 AND ended_at IS NULL"
_END_SURPLUS = """
UPDATE sessions SET ended_at = now() WHERE ended_at IS NULL AND id IN (
    SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL
    ORDER BY last_used_at DESC, created_at DESC OFFSET $2)
"""
_ENDED = "SELECT id FROM sessions WHERE ended_at > now() - $1::interval"
# LATERAL for the same reason as in _FIND.
_OVER = """
SELECT asked.id FROM unnest($1::uuid[]) AS asked (id)
LEFT JOIN LATERAL (SELECT true AS lives FROM live_sessions WHERE id = asked.id LIMIT 1) AS live ON true
WHERE lives IS NULL
"""
_PURGE = """
DELETE FROM sessions WHERE id IN (
    (SELECT id FROM sessions WHERE ended_at < now() - $1::interval LIMIT $3)
    UNION ALL
    (SELECT id FROM sessions WHERE created_at < now() - $2::interval LIMIT $3))
"""


async def open(conn: Connection, token_hash: bytes, user: int, device_hash: bytes, user_agent: str) -> UUID:
    """Opens a session and returns its public id. A user keeps the 100 most recently used ones; older ones end."""
    session: UUID = await conn.fetchval(_OPEN, token_hash, user, device_hash, user_agent)
    await conn.execute(_END_SURPLUS, user, MAX_LIVE_A_USER)
    return session


async def reopen(conn: Connection, session: UUID, token_hash: bytes, device_hash: bytes) -> UUID | None:
    """A new session of the same browser; None if the old one has ended. Ending it is up to the caller."""
    found: UUID | None = await conn.fetchval(_REOPEN, session, token_hash, device_hash)
    return found


async def use(conn: Connection, token_hashes: Sequence[bytes]) -> dict[bytes, SessionInfo]:
    """The live sessions with these token hashes. They count as used now, to the minute."""
    rows = await conn.fetch(_FIND, token_hashes, RENEW_EVERY)
    if stale := [row["session"] for row in rows if row["stale"]]:
        await conn.execute(_RENEW, stale, RENEW_EVERY)
    return {row["token_hash"]: SessionInfo(*row[1:5]) for row in rows}


async def info(conn: Connection, session: UUID) -> SessionInfo | None:
    """None if it is no longer live."""
    row = await conn.fetchrow(_INFO, session)
    return SessionInfo(**row) if row else None


async def live(conn: Connection, user: int, current: UUID) -> list[SessionItem]:
    """The user's, the most recently used first."""
    rows = await conn.fetch(_LIST, user, current)
    return [SessionItem(**row) for row in rows]


async def end(conn: Connection, user: int, session: UUID) -> bool:
    """False if it is not a live session of the user's."""
    done: str = await conn.execute(_END, user, session)
    return done == "UPDATE 1"


async def end_presented(conn: Connection, token_hash: bytes) -> None:
    """Ends it, whoever's it is: a log-in replaces the session that came with it."""
    await conn.execute(_END_PRESENTED, token_hash)


async def end_others(conn: Connection, user: int, session: UUID) -> None:
    await conn.execute(_END_OTHERS, user, session)


async def end_all(conn: Connection, user: int) -> None:
    await conn.execute(_END_ALL, user)


async def ended(conn: Connection) -> list[UUID]:
    """Those that were ended in the last 90 s, without expired ones."""
    return [row["id"] for row in await conn.fetch(_ENDED, LISTED_AS_ENDED)]


async def over(conn: Connection, asked: Sequence[UUID]) -> list[UUID]:
    """Those that live no more, whether they were ended or have expired."""
    return [row["id"] for row in await conn.fetch(_OVER, asked)]


async def purge(conn: Connection, batch: int) -> int:
    """Deletes up to 2 x `batch` that ended over a day ago or have expired; returns how many."""
    done: str = await conn.execute(_PURGE, KEPT_WHEN_ENDED, KEPT_WHEN_EXPIRED, batch)
    return int(done.removeprefix("DELETE "))
