"""Reading the log of one thread. A page comes from one statement, so from one snapshot; it may end early, when full."""

from datetime import datetime
from typing import Any

import msgspec

from services.threads.frames import Current, Event
from services.threads.pages import MAX_PAGE_BYTES
from services.threads.queries import current
from services.threads.queries.appends import Pair
from shared.plumbing.postgres.database import Connection
from shared.wire.ids import MAX_SEQ

NEWEST = MAX_SEQ
"""As `before`: the end of the thread."""

_THREAD = "t.low, t.high, t.head, t.low_read, t.high_read"
_COLUMNS = f"""{_THREAD}, e.seq, e.kind, e.sender_id, e.client_id, e.body, e.created_at, e.target, e.deleted_at,
    e.attachments"""


def _page_of(events: str, order: str, size: str = current.SIZE_OF_EVENT) -> str:
    """Those of `events` that begin before the page is full, so that no more of them is read than is shown."""
    return f"""
    SELECT * FROM (
        SELECT *, sum({size}) OVER (ORDER BY seq {order} ROWS UNBOUNDED PRECEDING) AS bytes
        FROM ({events}) AS found
    ) AS summed WHERE bytes - ({size}) < {MAX_PAGE_BYTES}
"""  # noqa: S608  # constants


def _messages(events: str, order: str) -> str:
    """A page of these events of thread t in their current state."""
    return _page_of(current.of(events), order, current.SIZE)


def _with_quoted(page: str, anchors: str = "threads AS t") -> str:
    """The thread with the page, and the messages that those of the page answer and that are not in it."""
    return f"""
    WITH page AS MATERIALIZED (
        SELECT {_THREAD}, {current.COLUMNS}
        FROM {anchors} LEFT JOIN LATERAL ({page}) AS e ON true
        WHERE t.low = $1 AND t.high = $2
    )
    SELECT *, false AS quoted FROM page
    UNION ALL
    SELECT {_THREAD}, {current.COLUMNS}, true
    FROM threads AS t CROSS JOIN LATERAL ({_messages(_QUOTED, "")}) AS e
    WHERE t.low = $1 AND t.high = $2
    ORDER BY seq
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
_OF_THREAD = "SELECT * FROM events WHERE thread_id = t.id AND kind = 'message' AND"
_QUOTED = """
SELECT quoted.* FROM (
    SELECT DISTINCT target FROM page WHERE target IS NOT NULL AND target NOT IN (SELECT seq FROM page)
) AS answered
CROSS JOIN LATERAL (SELECT * FROM events WHERE thread_id = t.id AND seq = answered.target LIMIT 1) AS quoted
"""
_NEWER = _messages(f"{_OF_THREAD} seq > $3 ORDER BY seq LIMIT $4", "")
_OLDER = _messages(f"{_OF_THREAD} seq < $3 ORDER BY seq DESC LIMIT $4", "DESC")
_FROM = _messages(f"{_OF_THREAD} seq >= $3 ORDER BY seq LIMIT $4", "")
_FROM_DAY = _messages(f"{_OF_THREAD} seq >= first.seq ORDER BY seq LIMIT $4", "")
_MESSAGES_AFTER = _with_quoted(_NEWER)
_MESSAGES_BEFORE = _with_quoted(_OLDER)
_MESSAGES_AROUND = _with_quoted(f"({_OLDER}) UNION ALL ({_FROM})")
_MESSAGES_AT = _with_quoted(
    _FROM_DAY, "threads AS t CROSS JOIN LATERAL first_seq_at(t.id, t.head, $3) AS first (seq)"
)
_TEXTS = """
SELECT t.head, e.kind, e.deleted_at, e.body, e.created_at
FROM threads AS t LEFT JOIN LATERAL (
    SELECT * FROM events WHERE thread_id = t.id AND seq = $3
    UNION ALL
    SELECT * FROM events WHERE thread_id = t.id AND target = $3 AND kind = 'edit'
) AS e ON true
WHERE t.low = $1 AND t.high = $2 ORDER BY e.seq
"""
# Of a deleted message the text is empty, and there is no preview.
_TEXT_OF = f"""
SELECT t.low, t.high, e.sender_id, e.body, coalesce(edit.seq, e.seq), e.preview::json ->> 'url'
FROM threads AS t
CROSS JOIN LATERAL ({
    current.of("SELECT * FROM events WHERE thread_id = t.id AND seq = $2 AND kind = 'message' LIMIT 1")
}) AS e
CROSS JOIN LATERAL (
    SELECT max(seq) AS seq FROM events WHERE thread_id = t.id AND target = $2 AND kind = 'edit'
) AS edit
WHERE t.id = $1
"""  # noqa: S608  # a constant


class Thread(msgspec.Struct, frozen=True):
    """head: of the thread. reads: how far the low and the high member have read."""

    pair: Pair
    head: int
    reads: tuple[int, int]

    def read(self, user: int) -> int:
        """How far `user`, a member, has read."""
        return self.reads[user == self.pair[1]]


class LogPage(msgspec.Struct, frozen=True):
    """events: ascending."""

    thread: Thread
    events: list[Event]


class Page(msgspec.Struct, frozen=True):
    """messages: ascending. quoted: what they answer and is not among them."""

    thread: Thread
    messages: list[Current]
    quoted: list[Current]


async def log_by_id(conn: Connection, thread: int, after: int, limit: int) -> LogPage | None:
    """Up to `limit` events with seq > after; None if there is no such thread."""
    return _log(await conn.fetch(_AFTER_BY_ID, thread, after, limit))


async def log_after(conn: Connection, pair: Pair, after: int, limit: int) -> LogPage | None:
    """Up to `limit` events with seq > after; None where nobody has written."""
    return _log(await conn.fetch(_AFTER, *pair, after, limit))


async def messages_after(conn: Connection, pair: Pair, after: int, limit: int) -> Page | None:
    """The first messages with seq > after."""
    return _page(await conn.fetch(_MESSAGES_AFTER, *pair, after, limit))


async def messages_before(conn: Connection, pair: Pair, before: int, limit: int) -> Page | None:
    """The last messages with seq < before."""
    return _page(await conn.fetch(_MESSAGES_BEFORE, *pair, before, limit))


async def messages_around(conn: Connection, pair: Pair, seq: int, limit: int) -> Page | None:
    """Up to `limit` messages before seq and as many from seq on; the caller cuts its window out of these."""
    return _page(await conn.fetch(_MESSAGES_AROUND, *pair, seq, limit))


async def messages_at(conn: Connection, pair: Pair, at: datetime, limit: int) -> Page | None:
    """The first messages from then on."""
    return _page(await conn.fetch(_MESSAGES_AT, *pair, at, limit))


class Told(msgspec.Struct, frozen=True):
    """A message or an edit of it. body: as in the log."""

    kind: str
    deleted_at: datetime | None
    body: str
    created_at: datetime


async def texts(conn: Connection, pair: Pair, seq: int) -> tuple[int, list[Told]]:
    """The head of the thread, 0 where nobody has written; what stands at `seq`, and the edits of it."""
    rows = await conn.fetch(_TEXTS, *pair, seq)
    return (rows[0][0] if rows else 0), [Told(*told) for _, *told in rows if told[0] is not None]


class Said(msgspec.Struct, frozen=True):
    """What a message says now, since the event `of`. previewed: its link that has a preview."""

    pair: Pair
    sender: int
    text: str
    of: int
    previewed: str | None


async def text_of(conn: Connection, thread: int, seq: int) -> Said | None:
    """None for what is no message."""
    row = await conn.fetchrow(_TEXT_OF, thread, seq)
    return Said((row[0], row[1]), *row[2:]) if row else None


def _thread(row: Any) -> Thread:
    low, high, head, low_read, high_read = row[:5]
    return Thread((low, high), head, (low_read, high_read))


def _log(rows: list[Any]) -> LogPage | None:
    if not rows:
        return None
    return LogPage(_thread(rows[0]), [Event(*row[5:]) for row in rows if row[5] is not None])


def _page(rows: list[Any]) -> Page | None:
    if not rows:
        return None
    messages: list[Current] = []
    quoted: list[Current] = []
    for *row, is_quoted in rows:
        if row[5] is not None:
            (quoted if is_quoted else messages).append(Current(*row[5:]))
    return Page(_thread(rows[0]), messages, quoted)
