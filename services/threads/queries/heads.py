"""Threads of users, for relays."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.threads.queries.appends import Pair
from shared.plumbing.postgres.database import Connection

_THREADS_OF = """
SELECT u.id AS user_id, t.*
FROM unnest($1::bigint[]) AS u (id) CROSS JOIN LATERAL (
    SELECT id AS thread, low, high, head, high AS peer, low_read AS read, high_read AS peer_read,
        greatest(low_read, low_delivered) AS delivered, greatest(high_read, high_delivered) AS peer_delivered, last_at
    FROM threads WHERE -low = -u.id AND head > 0
    UNION ALL
    SELECT id, low, high, head, low, high_read, low_read,
        greatest(high_read, high_delivered), greatest(low_read, low_delivered), last_at
    FROM threads WHERE -high = -u.id AND head > 0
) AS t
"""
_OF_PAIRS = """
SELECT t.low, t.high, t.id, t.head
FROM unnest($1::bigint[], $2::bigint[]) AS pair (low, high)
CROSS JOIN LATERAL (SELECT * FROM threads WHERE low = pair.low AND high = pair.high LIMIT 1) AS t
"""
_LOG = "SELECT log FROM settings"


Record = Iterable[Any]
"""A row, not yet looked at: there may be very many of them."""


class OwnThread(msgspec.Struct, frozen=True, gc=False):
    """A thread as `user`, a member, has it. read, peer_read, delivered, peer_delivered: seqs."""

    user: int
    thread: int
    low: int
    high: int
    head: int
    peer: int
    read: int
    peer_read: int
    delivered: int
    peer_delivered: int
    last_at: datetime


async def threads_of(conn: Connection, users: Sequence[int]) -> Sequence[Record]:
    """All threads of these users in which anything was written, in no order: what OwnThread is made of."""
    found: Sequence[Record] = await conn.fetch(_THREADS_OF, users)
    return found


async def of_pairs(conn: Connection, pairs: Sequence[Pair]) -> dict[Pair, tuple[int, int]]:
    """The id and head of each thread that exists."""
    rows = await conn.fetch(_OF_PAIRS, [low for low, _ in pairs], [high for _, high in pairs])
    return {(low, high): (thread, head) for low, high, thread, head in rows}


async def log_id(conn: Connection) -> UUID:
    """The id of this log; a restored backup gets a new one."""
    found: UUID = await conn.fetchval(_LOG)
    return found
