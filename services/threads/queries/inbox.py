"""A user's threads, latest first."""

from datetime import datetime

import msgspec

from services.threads.frames import Current
from services.threads.member_state import Kept
from services.threads.queries import current, member_states
from shared.plumbing.postgres.database import Connection

_AS_LOW = """high AS peer, head, low_read AS read, high_read AS peer_read,
    greatest(low_read, low_delivered) AS delivered, greatest(high_read, high_delivered) AS peer_delivered,
    high_sent - low_seen AS unread, last_at, id, last_message"""
_AS_HIGH = """low, head, high_read, low_read,
    greatest(high_read, high_delivered), greatest(low_read, low_delivered),
    low_sent - high_seen, last_at, id, last_message"""

_OWN = """t.peer, t.head, t.read, t.peer_read, t.delivered, t.peer_delivered, t.unread,
    t.last_at, t.last_message"""


def _latest(but: str = "") -> str:
    """Each half walks its index by the hour and sorts only within one; last_hour never contradicts last_at.

    but: which of them are left out.
    """
    return f"""
    (SELECT {_AS_LOW} FROM threads
    WHERE -low = -$1::bigint AND head > 0 AND last_hour <= $2 AND (last_at, high) < ($2, $3) {but.format("high")}
    ORDER BY last_hour DESC, last_at DESC, high DESC LIMIT $4)
    UNION ALL
    (SELECT {_AS_HIGH} FROM threads
    WHERE -high = -$1::bigint AND head > 0 AND last_hour <= $2 AND (last_at, low) < ($2, $3) {but.format("low")}
    ORDER BY last_hour DESC, last_at DESC, low DESC LIMIT $4)
    ORDER BY last_at DESC, peer DESC LIMIT $4
"""  # noqa: S608  # constants


_BUT_ARCHIVED = """AND last_message > coalesce(
    (SELECT archived_through FROM member_states WHERE owner = $1 AND peer = {} LIMIT 1), -1
)"""
# They are few, or all of somebody's threads: found by the states, each with a look at its thread.
_ARCHIVED = f"""
    SELECT own.* FROM (
        SELECT own.* FROM member_states AS s CROSS JOIN LATERAL (
            SELECT {_AS_LOW}, s.archived_through FROM threads WHERE low = $1 AND high = s.peer LIMIT 1
        ) AS own
        WHERE s.owner = $1 AND s.peer > $1 AND s.archived_through IS NOT NULL
        UNION ALL
        SELECT own.* FROM member_states AS s CROSS JOIN LATERAL (
            SELECT {_AS_HIGH}, s.archived_through FROM threads WHERE low = s.peer AND high = $1 LIMIT 1
        ) AS own
        WHERE s.owner = $1 AND s.peer < $1 AND s.archived_through IS NOT NULL
    ) AS own
    WHERE own.archived_through >= own.last_message AND own.head > 0 AND (own.last_at, own.peer) < ($2, $3)
    ORDER BY own.last_at DESC, own.peer DESC LIMIT $4
"""  # noqa: S608  # constants
_LAST = "SELECT * FROM events WHERE thread_id = t.id AND seq = t.last_message LIMIT 1"


def _page(own: str) -> str:
    return f"""
SELECT {_OWN}, {member_states.COLUMNS}, {current.COLUMNS}
FROM ({own}) AS t
LEFT JOIN LATERAL (SELECT * FROM member_states WHERE owner = $1 AND peer = t.peer LIMIT 1) AS s ON true
LEFT JOIN LATERAL ({current.of(_LAST)}) AS e ON true
ORDER BY t.last_at DESC, t.peer DESC
"""  # noqa: S608  # constants


_PAGE = _page(_latest())
_PAGE_BUT_ARCHIVED = _page(_latest(_BUT_ARCHIVED))
_PAGE_OF_ARCHIVED = _page(_ARCHIVED)
_STATE = len(Kept.__struct_fields__)


class Listed(msgspec.Struct, frozen=True):
    """A thread in its member's inbox. unread: exact. last_message: None if only other kinds were written.

    last_seq: of the last message. kept: what the member keeps about it; None if nothing was ever kept.
    """

    peer: int
    head: int
    read: int
    peer_read: int
    delivered: int
    peer_delivered: int
    unread: int
    last_at: datetime
    last_seq: int
    last_message: Current | None
    kept: Kept | None


async def page(
    conn: Connection, user: int, before: datetime, peer: int, limit: int, *, archived: bool | None
) -> list[Listed]:
    """Up to `limit` threads of `user` that come after (before, peer). archived: only those, or only the others."""
    query = _PAGE if archived is None else _PAGE_OF_ARCHIVED if archived else _PAGE_BUT_ARCHIVED
    rows = await conn.fetch(query, user, before, peer, limit)
    return [
        Listed(
            peer, head, read, peer_read, delivered, peer_delivered, unread, last_at, last_seq,
            Current(*rest[_STATE:]) if last_seq else None, Kept(*rest[:_STATE]) if rest[0] else None,
        )
        for peer, head, read, peer_read, delivered, peer_delivered, unread, last_at, last_seq, *rest in rows
    ]  # fmt: skip
