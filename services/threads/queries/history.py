"""Reading the log of one thread. A page comes from one statement, so from one snapshot; it may end early, when full."""

from typing import Any

import msgspec

from services.threads.frames import Event
from services.threads.pages import MAX_PAGE_BYTES
from services.threads.queries.appends import Pair
from shared.plumbing.postgres import Connection
from shared.wire.ids import MAX_SEQ

NEWEST = MAX_SEQ
"""As `before`: the end of the thread."""

_THREAD = "t.low, t.high, t.head, t.low_read, t.high_read"
_COLUMNS = f"{_THREAD}, e.seq, e.kind, e.sender_id, e.client_id, e.body, e.created_at"


def _page_of(events: str, order: str) -> str:
    """Those of `events` that begin before the page is full, so that no more of them is read than is shown."""
    return f"""
    SELECT * FROM (
        SELECT *, sum(octet_length(body)) OVER (ORDER BY seq {order} ROWS UNBOUNDED PRECEDING) AS bytes
        FROM ({events}) AS found
    ) AS summed WHERE bytes - octet_length(body) < {MAX_PAGE_BYTES}
"""  # noqa: S608  # constants


_AFTER_BY_ID = f"""
SELECT {_COLUMNS}
FROM threads AS t LEFT JOIN LATERAL ({
    _page_of("SELECT * FROM events WHERE thread_id = t.id AND seq > $2 ORDER BY seq LIMIT $3", "")
}) AS e ON true
WHERE t.id = $1 ORDER BY e.seq
"""  # noqa: S608  # a constant
_AFTER = f"""
SELECT {_COLUMNS}
FROM threads AS t LEFT JOIN LATERAL ({
    _page_of("SELECT * FROM events WHERE thread_id = t.id AND seq > $3 ORDER BY seq LIMIT $4", "")
}) AS e ON true
WHERE t.low = $1 AND t.high = $2 ORDER BY e.seq
"""  # noqa: S608  # a constant
_MESSAGES = "SELECT * FROM events WHERE thread_id = t.id AND kind = 'message' AND"
_NEWER = _page_of(f"{_MESSAGES} seq > $3 ORDER BY seq LIMIT $4", "")
_OLDER = _page_of(f"{_MESSAGES} seq < $3 ORDER BY seq DESC LIMIT $4", "DESC")
_FROM = _page_of(f"{_MESSAGES} seq >= $3 ORDER BY seq LIMIT $4", "")
_MESSAGES_AFTER = f"""
SELECT {_COLUMNS}
FROM threads AS t LEFT JOIN LATERAL ({_NEWER}) AS e ON true
WHERE t.low = $1 AND t.high = $2 ORDER BY e.seq
"""  # noqa: S608  # a constant
_MESSAGES_BEFORE = f"""
SELECT {_COLUMNS}
FROM threads AS t LEFT JOIN LATERAL ({_OLDER}) AS e ON true
WHERE t.low = $1 AND t.high = $2 ORDER BY e.seq
"""  # noqa: S608  # a constant
_MESSAGES_AROUND = f"""
SELECT {_COLUMNS}
FROM threads AS t LEFT JOIN LATERAL (({_OLDER}) UNION ALL ({_FROM})) AS e ON true
WHERE t.low = $1 AND t.high = $2 ORDER BY e.seq
"""  # noqa: S608  # a constant


class Page(msgspec.Struct, frozen=True):
    """events: ascending. head: of the thread. reads: how far the low and the high member have read."""

    pair: Pair
    head: int
    reads: tuple[int, int]
    events: list[Event]

    def read(self, user: int) -> int:
        """How far `user`, a member, has read."""
        return self.reads[user == self.pair[1]]


async def log_by_id(conn: Connection, thread: int, after: int, limit: int) -> Page | None:
    """Up to `limit` events with seq > after; None if there is no such thread."""
    return _page(await conn.fetch(_AFTER_BY_ID, thread, after, limit))


async def log_after(conn: Connection, pair: Pair, after: int, limit: int) -> Page | None:
    """Up to `limit` events with seq > after; None where nobody has written."""
    return _page(await conn.fetch(_AFTER, *pair, after, limit))


async def messages_after(conn: Connection, pair: Pair, after: int, limit: int) -> Page | None:
    """The first messages with seq > after."""
    return _page(await conn.fetch(_MESSAGES_AFTER, *pair, after, limit))


async def messages_before(conn: Connection, pair: Pair, before: int, limit: int) -> Page | None:
    """The last messages with seq < before."""
    return _page(await conn.fetch(_MESSAGES_BEFORE, *pair, before, limit))


async def messages_around(conn: Connection, pair: Pair, seq: int, limit: int) -> Page | None:
    """Up to `limit` messages before seq and as many from seq on; the caller cuts its window out of these."""
    return _page(await conn.fetch(_MESSAGES_AROUND, *pair, seq, limit))


def _page(rows: list[Any]) -> Page | None:
    if not rows:
        return None
    low, high, head, low_read, high_read = rows[0][:5]
    events = [Event(*row[5:]) for row in rows if row[5] is not None]
    return Page((low, high), head, (low_read, high_read), events)
