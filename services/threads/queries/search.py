"""The search index: what feeds it, and what it finds."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.threads.frames import Current
from services.threads.pages import MAX_PAGE_BYTES
from services.threads.queries import current, outbox
from services.threads.queries.outbox import Grown, Range
from services.threads.queries.snapshots import Snapshot
from shared.plumbing.postgres.database import Connection

_MAX_MESSAGES = 1024
"""A round ends with the transaction that reaches this."""

_MAX_RENEWED = 64
INDEXING_LOCK = "hashtext('duet.threads.indexing')"
"""Of who indexes, and of who lets nobody."""

_ONE_AT_A_TIME = f"SELECT pg_try_advisory_xact_lock({INDEXING_LOCK})"
_DONE = "SELECT done::text FROM indexing"
# As outbox.grown reads them, of which this is the cheap half.
_WAITING = """
SELECT EXISTS (SELECT FROM outbox WHERE xid >= (SELECT pg_snapshot_xmax(done) FROM indexing))
    OR EXISTS (SELECT FROM outbox WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip(done) FROM indexing)))
"""
_BY_SEQ = "SELECT * FROM events WHERE thread_id = hit.thread_id AND seq = hit.seq LIMIT 1"
# Whatever of a message comes first or again: its current state is what is indexed. A delete leaves nothing to index.
_MESSAGES = f"""
SELECT hit.thread_id, hit.low, hit.high, e.seq, e.created_at, e.body, e.attachments
FROM (
    SELECT DISTINCT grown.thread_id, grown.low, grown.high, changed.seq
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        AS grown (thread_id, low, high, first, head)
    CROSS JOIN LATERAL (
        SELECT CASE kind WHEN 'message' THEN seq ELSE target END AS seq FROM events
        WHERE thread_id = grown.thread_id AND seq BETWEEN grown.first AND grown.head AND kind IN ('message', 'edit')
        OFFSET 0
    ) AS changed
) AS hit
CROSS JOIN LATERAL ({current.of(_BY_SEQ)}) AS e
WHERE e.deleted_at IS NULL
ORDER BY hit.thread_id, hit.seq
"""  # noqa: S608  # a constant
# Not those that were deleted since they were read. The lock makes a delete wait until it sees what is added here; one
# that is being deleted is not waited for, since it may wait for us. Returns how many were there. Its commit need not be
# on the disk: the one that says what is done comes behind it in the same log.
_ADD = """
WITH there AS MATERIALIZED (
    SELECT new.*
    FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[]) AS new (thread_id, seq, created_at, words)
    CROSS JOIN LATERAL (
        SELECT FROM events WHERE thread_id = new.thread_id AND seq = new.seq AND deleted_at IS NULL
        LIMIT 1 FOR SHARE SKIP LOCKED
    ) AS locked
), added AS (
    INSERT INTO search (thread_id, seq, created_at, words)
    SELECT thread_id, seq, created_at, words::tsvector FROM there
    ON CONFLICT (thread_id, seq) DO UPDATE SET words = excluded.words WHERE search.words <> excluded.words
)
SELECT count(*), set_config('synchronous_commit', 'off', true) FROM there
"""
# Each row puts its words on a list beside the index, which is read by every search and emptied at once: words of
# several rows, as those of one thread have, then change the index once.
_MERGE = "SELECT gin_clean_pending_list('search_by_words')"
_STILL_THERE = """
SELECT count(*) FROM unnest($1::bigint[], $2::bigint[]) AS new (thread_id, seq)
CROSS JOIN LATERAL (
    SELECT FROM events WHERE thread_id = new.thread_id AND seq = new.seq AND deleted_at IS NULL LIMIT 1
) AS there
"""
# Not a row of a thread that is on its way from or to another shard: it is another's, and would fill up the page.
_HERE = "thread_id NOT IN (SELECT thread_id FROM strays)"
_RENEWAL = "SELECT form, renewed_thread, renewed_seq FROM indexing"
_OUTDATED = f"""
SELECT t.id, t.low, t.high, e.seq, e.created_at, e.body, e.attachments
FROM (
    SELECT thread_id, seq FROM search WHERE (thread_id, seq) > ($1, $2) AND {_HERE} ORDER BY thread_id, seq LIMIT $3
) AS hit
CROSS JOIN LATERAL (SELECT id, low, high FROM threads WHERE id = hit.thread_id LIMIT 1) AS t
CROSS JOIN LATERAL ({current.of(_BY_SEQ)}) AS e
ORDER BY t.id, e.seq
"""  # noqa: S608  # a constant
_RENEWED = "UPDATE indexing SET renewed_thread = $1, renewed_seq = $2"
_ALL_RENEWED = "UPDATE indexing SET form = $1, renewed_thread = 0, renewed_seq = 0 WHERE form < $1"
_ADVANCE = "UPDATE indexing SET done = $1::text::pg_snapshot"
_FIND = f"""
SELECT thread_id, low, high, {current.COLUMNS.replace("e.", "")}
FROM (
    SELECT hit.thread_id, t.low, t.high, {current.COLUMNS},
        sum({current.SIZE}) OVER newest AS bytes
    FROM (
        SELECT thread_id, seq, created_at FROM search
        WHERE words @@ $1::text::tsquery AND ($2::bigint IS NULL OR thread_id = $2)
            AND (created_at, thread_id, seq) < ($3, $4, $5) AND {_HERE}
        ORDER BY created_at DESC, thread_id DESC, seq DESC LIMIT $6
    ) AS hit
    CROSS JOIN LATERAL (SELECT low, high FROM threads WHERE id = hit.thread_id LIMIT 1) AS t
    CROSS JOIN LATERAL ({current.of(_BY_SEQ)}) AS e
    WHERE $7 IN (t.low, t.high)
    WINDOW newest AS (ORDER BY hit.created_at DESC, hit.thread_id DESC, hit.seq DESC ROWS UNBOUNDED PRECEDING)
) AS found
WHERE bytes - ({current.SIZE}) < {MAX_PAGE_BYTES}
ORDER BY created_at DESC, thread_id DESC, seq DESC
"""  # noqa: S608  # a constant


class Unindexed(msgspec.Struct, frozen=True):
    """A message on its way into the index. attachments: as in an event; they are found by name and description."""

    thread: int
    low: int
    high: int
    seq: int
    created_at: datetime
    text: str
    attachments: str | None


class Hit(msgspec.Struct, frozen=True):
    """A message that was found."""

    thread: int
    low: int
    high: int
    message: Current


class BeingDeleted(Exception):
    """A message has words to add unless its deletion, which is under way, succeeds: who indexes has to come again."""


async def claim(conn: Connection) -> bool:
    """Whether this transaction may index: only one process does at a time."""
    claimed: bool = await conn.fetchval(_ONE_AT_A_TIME)
    return claimed


async def waiting(conn: Connection) -> bool:
    """Whether there are batches to index, whoever does it."""
    there: bool = await conn.fetchval(_WAITING)
    return there


async def done(conn: Connection) -> Snapshot:
    """All batches that it sees are indexed."""
    return Snapshot.parse(await conn.fetchval(_DONE))


async def grown(conn: Connection, done: Snapshot) -> Grown:
    """The next batches that `done` does not see, oldest first."""
    return await outbox.grown(conn, done, _MAX_MESSAGES)


async def messages(conn: Connection, ranges: Sequence[Range]) -> list[Unindexed]:
    """The messages that these events are or change, in their current state, each once."""
    columns = [list(column) for column in zip(*ranges, strict=True)]
    return [Unindexed(*row) for row in await conn.fetch(_MESSAGES, *columns)]


async def add(conn: Connection, found: Sequence[Unindexed], documents: Sequence[str]) -> None:
    """documents: tsvector literals, one for each message. Raises BeingDeleted: some of them were not added."""
    threads = [one.thread for one in found]
    seqs = [one.seq for one in found]
    there = await conn.fetchval(_ADD, threads, seqs, [one.created_at for one in found], documents)
    if there < len(found) and there < await conn.fetchval(_STILL_THERE, threads, seqs):
        raise BeingDeleted


async def merge(conn: Connection) -> None:
    """What was added goes into the index itself."""
    await conn.execute(_MERGE)


async def outdated(conn: Connection, form: int) -> list[Unindexed]:
    """The next messages whose words may be older than `form`, by thread and seq; [] if there are none."""
    there, thread, seq = await conn.fetchrow(_RENEWAL)
    if there >= form:
        return []
    return [Unindexed(*row) for row in await conn.fetch(_OUTDATED, thread, seq, _MAX_RENEWED)]


async def renewed(conn: Connection, last: Unindexed) -> None:
    """Words up to this message are of the form of today."""
    await conn.execute(_RENEWED, last.thread, last.seq)


async def all_renewed(conn: Connection, form: int) -> None:
    """All words are of this form."""
    await conn.execute(_ALL_RENEWED, form)


async def advance(conn: Connection, done: Snapshot) -> None:
    """All batches that it sees are indexed now."""
    await conn.execute(_ADVANCE, str(done))


async def find(
    conn: Connection, user: int, query: str, thread: int | None, before: tuple[datetime, int, int], limit: int
) -> list[Hit]:
    """Newest first, below `before` (time, thread, seq). query: a tsquery over the words of `user`."""
    rows = await conn.fetch(_FIND, query, thread, *before, limit, user)
    return [Hit(thread, low, high, Current(*message)) for thread, low, high, *message in rows]
