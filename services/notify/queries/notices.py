"""What devices are to be told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from services.notify.events import What
from services.notify.queries.subscriptions import Target
from shared.plumbing.postgres.database import Connection

Key = tuple[int, int]
"""Subscription and thread: a device has one notice for a thread."""

# A later event of the thread takes the earlier one's place, at its time; after a failure the time stays as it is.
_NOTE = """
INSERT INTO notices AS n (subscription, thread, peer, peer_name, host, what, seq, at, due_at, latest_due_at)
SELECT s.id, new.thread, new.peer, new.peer_name, s.host, new.what, new.seq, new.at, new.first_due_at, new.due_at
FROM unnest(
    $1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[],
    $8::timestamptz[], $9::timestamptz[]
) AS new (user_id, thread, peer, peer_name, what, seq, at, first_due_at, due_at)
JOIN subscriptions AS s ON s.user_id = new.user_id
ORDER BY s.id, new.thread
ON CONFLICT (subscription, thread) DO UPDATE SET
    peer_name = excluded.peer_name, host = excluded.host, what = excluded.what, seq = excluded.seq,
    at = excluded.at, latest_due_at = excluded.latest_due_at,
    due_at = CASE
        WHEN n.failures > 0 THEN n.due_at ELSE least(n.due_at, excluded.due_at)
    END
WHERE excluded.seq > greatest(n.seq, n.told)
RETURNING n.host
"""
_DUE = """
SELECT n.subscription, n.thread, n.peer, n.peer_name, n.what, n.seq, n.at, n.told, n.failures,
    s.user_id, s.session, s.hide_text, s.endpoint, s.host, s.public_key, s.secret
FROM notices AS n JOIN subscriptions AS s ON s.id = n.subscription
WHERE n.host = $1 AND n.due_at <= now()
ORDER BY n.due_at LIMIT $2
"""
_NEXT = "SELECT min(due_at) - now() FROM notices WHERE host = $1 AND due_at > now()"
_HOSTS = "SELECT DISTINCT host FROM notices WHERE due_at IS NOT NULL"
_TOLD = """
UPDATE notices
SET told = greatest(told, $3), failures = 0, due_at = CASE WHEN seq > $3 THEN latest_due_at END
WHERE subscription = $1 AND thread = $2
"""
_LATER = """
UPDATE notices SET failures = failures + 1, due_at = now() + $3::interval WHERE subscription = $1 AND thread = $2
"""


class Noted(msgspec.Struct):
    """What all devices of `user` are to be told. first_due_at: of the earliest event that it stands for."""

    user: int
    thread: int
    peer: int
    peer_name: str
    what: What
    seq: int
    at: datetime
    first_due_at: datetime
    due_at: datetime


class Due(msgspec.Struct, frozen=True):
    """What a device is to be told now."""

    subscription: int
    thread: int
    peer: int
    peer_name: str
    what: What
    seq: int
    at: datetime
    told: int
    failures: int
    user: int
    session: UUID
    hide_text: bool
    target: Target

    @property
    def key(self) -> Key:
        return self.subscription, self.thread


async def note(conn: Connection, noted: Sequence[Noted]) -> set[str]:
    """Each user and thread once. The hosts that have something to do by it."""
    columns = [
        [getattr(one, name) for one in noted]
        for name in ("user", "thread", "peer", "peer_name", "what", "seq", "at", "first_due_at", "due_at")
    ]
    return {host for (host,) in await conn.fetch(_NOTE, *columns)}


async def due(conn: Connection, host: str, limit: int) -> list[Due]:
    """Those that wait longest first."""
    rows = await conn.fetch(_DUE, host, limit)
    return [_due(*row) for row in rows]


def _due(*row: Any) -> Due:
    return Due(*row[:12], Target(*row[12:]))  # type: ignore[call-arg]


async def next_due(conn: Connection, host: str) -> timedelta | None:
    """How long until there is another one; None if none waits for its time."""
    wait: timedelta | None = await conn.fetchval(_NEXT, host)
    return wait


async def hosts(conn: Connection) -> set[str]:
    """Those for which anything waits."""
    return {host for (host,) in await conn.fetch(_HOSTS)}


async def told(conn: Connection, key: Key, seq: int) -> None:
    """The device was told of it, or need not be: of everything up to seq."""
    await conn.execute(_TOLD, *key, seq)


async def later(conn: Connection, key: Key, wait: timedelta) -> None:
    """It could not be told; again after a while."""
    await conn.execute(_LATER, *key, wait)
