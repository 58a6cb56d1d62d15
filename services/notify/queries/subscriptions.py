"""Where pushes go."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from shared.plumbing.postgres.database import Connection

MAX_A_PERSON = 10

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('duet.notify.subscribing'))"
# A browser has one endpoint, whoever is logged in there: it is the last one's.
_TAKE_OVER = "DELETE FROM subscriptions WHERE endpoint = $1 AND session <> $2"
_PUT = """
INSERT INTO subscriptions (session, user_id, endpoint, host, public_key, secret, hide_text)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (session) DO UPDATE SET
    endpoint = excluded.endpoint, host = excluded.host, public_key = excluded.public_key, secret = excluded.secret,
    hide_text = excluded.hide_text
RETURNING id
"""
_MOVE_NOTICES = "UPDATE notices SET host = $2 WHERE subscription = $1 AND host <> $2"
_END_SURPLUS = """
DELETE FROM subscriptions WHERE id IN (
    SELECT id FROM subscriptions WHERE user_id = $1 ORDER BY id DESC OFFSET $2)
"""
_OF_SESSION = "SELECT hide_text FROM subscriptions WHERE session = $1"
_END = "DELETE FROM subscriptions WHERE session = ANY ($1::uuid[])"
_FORGET = "DELETE FROM subscriptions WHERE id = $1 AND endpoint = $2"
_SUBSCRIBED = "SELECT DISTINCT user_id FROM subscriptions WHERE user_id = ANY ($1::bigint[])"
_EVERYBODY = "SELECT DISTINCT user_id FROM subscriptions LIMIT $1"
_SESSIONS = "SELECT id, session FROM subscriptions WHERE id > $1 ORDER BY id LIMIT $2"


class Target(msgspec.Struct, frozen=True):
    """Where to push, and for whose eyes to encrypt. public_key, secret: `p256dh` and `auth` of the browser."""

    endpoint: str
    host: str
    public_key: bytes
    secret: bytes


async def put(conn: Connection, session: UUID, user: int, target: Target, *, hide_text: bool) -> None:
    """In a transaction. Of one person the oldest beyond ten go."""
    await conn.execute(_ONE_AT_A_TIME)
    await conn.execute(_TAKE_OVER, target.endpoint, session)
    put_in = await conn.fetchval(
        _PUT, session, user, target.endpoint, target.host, target.public_key, target.secret, hide_text
    )
    await conn.execute(_MOVE_NOTICES, put_in, target.host)
    await conn.execute(_END_SURPLUS, user, MAX_A_PERSON)


async def hides_text(conn: Connection, session: UUID) -> bool | None:
    """None for a session without a subscription."""
    found: bool | None = await conn.fetchval(_OF_SESSION, session)
    return found


async def end(conn: Connection, sessions: Sequence[UUID]) -> None:
    """Those of these sessions, with what was to be told."""
    await conn.execute(_END, sessions)


async def forget(conn: Connection, subscription: int, endpoint: str) -> None:
    """Unless it has another endpoint by now."""
    await conn.execute(_FORGET, subscription, endpoint)


async def subscribed(conn: Connection, users: Sequence[int]) -> set[int]:
    """Which of these have a device to tell."""
    return {user for (user,) in await conn.fetch(_SUBSCRIBED, users)}


async def everybody(conn: Connection, most: int) -> list[int] | None:
    """All who have a device to tell; None for more than `most`."""
    found = [user for (user,) in await conn.fetch(_EVERYBODY, most + 1)]
    return found if len(found) <= most else None


async def sessions(conn: Connection, after: int, limit: int) -> list[tuple[int, UUID]]:
    """The next ones after a subscription, with their sessions."""
    return [(id, session) for id, session in await conn.fetch(_SESSIONS, after, limit)]
