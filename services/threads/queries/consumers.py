"""The programs that read the log of all threads, and what they read."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import msgspec

from services.threads.queries.outbox import Range
from services.threads.queries.snapshots import Snapshot
from shared.plumbing.postgres.database import Connection

_FIND = """
SELECT s.log::text, pg_snapshot_xmax(pg_current_snapshot())::text, c.done::text, c.gaps
FROM settings AS s LEFT JOIN consumers AS c ON c.program = $1
"""
# Written down by the transaction that takes it, so that a crash gives no transaction that it sees out again.
_BEGIN = """
INSERT INTO consumers AS c (program, done) VALUES ($1, pg_current_snapshot())
ON CONFLICT (program) DO UPDATE SET done = excluded.done, gaps = c.gaps + 1
RETURNING done::text, gaps
"""
_ADVANCE = "UPDATE consumers SET done = $2::text::pg_snapshot WHERE program = $1"
_EVENTS = """
SELECT grown.thread_id, e.seq, grown.low, grown.high, e.kind, e.sender_id, e.body, e.created_at, e.target,
    e.attachments
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
    WITH ORDINALITY AS grown (thread_id, low, high, first, head, part, n)
CROSS JOIN LATERAL (
    SELECT * FROM events WHERE thread_id = grown.thread_id AND seq BETWEEN grown.first AND grown.head OFFSET 0
) AS e
WHERE CASE grown.part
    WHEN 'files' THEN e.attachments IS NOT NULL OR e.kind = 'delete'
    WHEN 'links' THEN e.kind = 'edit' OR e.kind = 'message' AND e.body LIKE '%://%'
    ELSE true
END
ORDER BY grown.n, e.seq
"""


class Part(Enum):
    """What of a range is read.

    FILES: messages with attachments, and deletions. LINKS: messages with a link, and edits.
    """

    ALL = "all"
    FILES = "files"
    LINKS = "links"


class Consumer(msgspec.Struct, frozen=True):
    """log: its id. end: the first transaction of the future. done, gaps: None for a program that never asked."""

    log: str
    end: int
    done: Snapshot | None
    gaps: int | None


class Committed(msgspec.Struct, frozen=True):
    """An event of the log. attachments: JSON; None for none."""

    thread: int
    seq: int
    low: int
    high: int
    kind: str
    sender: int
    body: str
    created_at: datetime
    target: int | None
    attachments: str | None


async def find(conn: Connection, program: str) -> Consumer:
    log, end, done, gaps = await conn.fetchrow(_FIND, program)
    return Consumer(log, int(end), Snapshot.parse(done) if done else None, gaps)


async def begin(conn: Connection, program: str) -> tuple[Snapshot, int]:
    """It reads what is committed from now on; where it was before, it has a gap. What it has done, and its gaps."""
    done, gaps = await conn.fetchrow(_BEGIN, program)
    return Snapshot.parse(done), gaps


async def advance(conn: Connection, program: str, done: Snapshot) -> None:
    """All that it sees is done with."""
    await conn.execute(_ADVANCE, program, str(done))


async def events(conn: Connection, wanted: Sequence[tuple[Range, Part]]) -> list[Committed]:
    """In the order of the ranges; those of a thread that continue each other come together, where the first one is."""
    if not wanted:
        return []
    columns = [list(column) for column in zip(*_joined(wanted), strict=True)]
    return [Committed(*row) for row in await conn.fetch(_EVENTS, *columns)]


def _joined(wanted: Sequence[tuple[Range, Part]]) -> list[tuple[int, int, int, int, int, str]]:
    """Where many messages come, most ranges continue one before: it is the look at each that costs."""
    joined: list[tuple[int, int, int, int, int, str]] = []
    ends: dict[tuple[int, int], int] = {}
    for (thread, low, high, first, head), part in wanted:
        place = ends.pop((thread, first), len(joined))
        if place == len(joined):
            joined.append((thread, low, high, first, head, part.value))
        else:
            joined[place] = (thread, low, high, joined[place][3], head, part.value)
        ends[thread, head + 1] = place
    return joined
