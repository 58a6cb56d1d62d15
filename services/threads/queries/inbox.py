"""A user's threads, latest first."""

from datetime import datetime

import msgspec

from services.threads.frames import Current
from services.threads.queries import current
from shared.plumbing.postgres import Connection

# Each half walks its index by the hour and sorts only within one; last_hour never contradicts last_at.
_LAST = "SELECT * FROM events WHERE thread_id = t.id AND seq = t.last_message LIMIT 1"
_PAGE = f"""
SELECT t.*, {current.COLUMNS}
FROM (
    (SELECT high AS peer, head, low_read AS read, high_read AS peer_read,
        greatest(low_read, low_delivered) AS delivered, greatest(high_read, high_delivered) AS peer_delivered,
        high_sent - low_seen AS unread, last_at, id, last_message
    FROM threads
    WHERE -low = -$1::bigint AND head > 0 AND last_hour <= $2 AND (last_at, high) < ($2, $3)
    ORDER BY last_hour DESC, last_at DESC, high DESC LIMIT $4)
    UNION ALL
    (SELECT low, head, high_read, low_read,
        greatest(high_read, high_delivered), greatest(low_read, low_delivered),
        low_sent - high_seen, last_at, id, last_message
    FROM threads
    WHERE -high = -$1::bigint AND head > 0 AND last_hour <= $2 AND (last_at, low) < ($2, $3)
    ORDER BY last_hour DESC, last_at DESC, low DESC LIMIT $4)
    ORDER BY last_at DESC, peer DESC LIMIT $4
) AS t
LEFT JOIN LATERAL ({current.of(_LAST)}) AS e ON true
ORDER BY t.last_at DESC, t.peer DESC
"""  # noqa: S608  # a constant


class Listed(msgspec.Struct, frozen=True):
    """A thread in its member's inbox. unread: exact. last_message: None if only other kinds were written."""

    peer: int
    head: int
    read: int
    peer_read: int
    delivered: int
    peer_delivered: int
    unread: int
    last_at: datetime
    last_message: Current | None


async def page(conn: Connection, user: int, before: datetime, peer: int, limit: int) -> list[Listed]:
    """Up to `limit` threads of `user` that come after (before, peer) in the list."""
    rows = await conn.fetch(_PAGE, user, before, peer, limit)
    return [
        Listed(
            peer, head, read, peer_read, delivered, peer_delivered, unread, last_at,
            Current(*message) if last_message else None,
        )
        for peer, head, read, peer_read, delivered, peer_delivered, unread, last_at, _, last_message, *message in rows
    ]  # fmt: skip
