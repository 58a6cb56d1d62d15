"""How the queries are answered as messages grow: `python -m services.threads.tests.plans [SIZE…]` writes
docs/plans/threads.md (sizes: strangers' messages; ten million take about ten minutes and 20 GB of temporary disk).

User 1 has 200 threads of 100 messages, whatever the size.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.threads.app import MIGRATIONS, SESSION_SETTINGS
from services.threads.pages import MAX_PAGE_BYTES
from services.threads.queries import appends, heads, history, inbox, member_states, search, usage
from shared.embedded.running import running_postgres
from shared.plumbing.postgres.database import Connection, database
from shared.testing import plans
from shared.testing.plans import Answer, Asked, explain
from shared.wire import codec
from shared.wire.changes import MAX_EDITS
from shared.wire.ids import MAX_SEQ

ME = 1
OWN_THREADS = 200
OWN_MESSAGES = 100
_STRANGERS_MESSAGES = 1000
_LONG = (-1, 2, 3)  # the long thread's id and members
_SIZES = (1_000, 100_000, 1_000_000, 10_000_000)
_INTRODUCTION = """# History, inbox, search and appends

Written by `python -m services.threads.tests.plans`: the statements of `services/threads/queries/`, as a session of the
service plans them (`EXPLAIN (ANALYZE, BUFFERS)`; a buffer is a page of 8 KiB; the time is the best of five, all in one
session on a warm cache of 64 MiB), beside more and more messages of strangers. The asker has 200 threads of 100
messages. Half of the strangers' messages are in threads of 1,000, the other half in one thread, whose member asks in
the last four rows. A B-tree of ten million rows is one level deeper than one of ten thousand: that is all that grows.

`services/threads/tests/test_plans.py` holds it in `make test`: no query may read more pages because strangers wrote
more, nor because its plan was made when the tables were empty.
"""
_DOCUMENT = Path(__file__).parents[3] / "docs" / "plans" / "threads.md"
_LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_FILL_TIMEOUT_S = 1800

_THREADS = (
    "INSERT INTO threads (low, high) SELECT $1::bigint + n * $3::int, $2 + n FROM generate_series(1, $4) AS n"
)
_LONG_THREAD = """
INSERT INTO threads (id, low, high) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
# Of three words: to index them takes the most time. Everybody's messages hold `needle`, mine only in the first ten
# threads, once each. Each ninth answers one.
_MESSAGES = """
INSERT INTO events (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, target, body)
SELECT t.id, seq, CASE WHEN seq % 2 = 1 THEN low ELSE high END,
    now() - interval '1 ms' * (1e10 - seq * 1000 - t.id % 1000),
    (seq + 1) / 2, seq / 2, gen_random_uuid(), 'message', CASE WHEN seq % 9 = 0 THEN seq / 2 END,
    format('weather %s %s', seq, CASE WHEN low <> 1 OR (seq = 50 AND high < 1011) THEN 'needle' ELSE 'thread' END)
FROM threads AS t, generate_series(t.head + 1, $3::int) AS seq WHERE t.id BETWEEN $1 AND $2
"""
_WORDS = """
INSERT INTO search (thread_id, seq, created_at, words)
SELECT e.thread_id, e.seq, e.created_at, array_to_tsvector(ARRAY(
    SELECT DISTINCT format('%s/%s', member, word)
    FROM unnest(ARRAY[t.low, t.high]) AS member, string_to_table(e.body, ' ') AS word))
FROM threads AS t JOIN events AS e ON e.thread_id = t.id AND e.seq > t.head WHERE t.id BETWEEN $1 AND $2
"""
# Each seventh message is edited.
_STATES = """
INSERT INTO message_states (thread_id, seq, version, text, edits, edited_at)
SELECT e.thread_id, e.seq, e.seq + 1, e.body, 1, now()
FROM threads AS t JOIN events AS e ON e.thread_id = t.id AND e.seq > t.head AND e.seq % 7 = 0
WHERE t.id BETWEEN $1 AND $2
"""
_HEADS = """
UPDATE threads SET head = $3::int, last_message = $3::int, low_sent = ($3::int + 1) / 2, high_sent = $3::int / 2,
    last_at = now() - interval '1 min' * (id % 3000)
WHERE id BETWEEN $1 AND $2
"""
# Each fifth thread is archived by both, each seventh marked unread.
_KEPT = """
INSERT INTO member_states (owner, peer, revision, draft, archived_through, marked_unread, threadless)
SELECT owner, peer, 1, 'a draft', CASE WHEN id % 5 = 0 THEN $3::int END, id % 7 = 0, false
FROM threads CROSS JOIN LATERAL (VALUES (low, high), (high, low)) AS own (owner, peer)
WHERE id BETWEEN $1 AND $2 ON CONFLICT DO NOTHING
"""
_SEARCH_INDEX = "SELECT pg_get_indexdef('search_by_words'::regclass)"
_VACUUM = "VACUUM ANALYZE events, message_states, member_states, threads, search, outbox"


def _append_one() -> Asked:
    arguments = (ME, 1001, ME, "message", "00000000-0000-7000-8000-000000000000", "x" * 100)
    return Asked("append 1 that may be a repeat", appends._APPEND_ONE, arguments)


def _append_message() -> Asked:
    arguments = (ME, 1001, ME, "00000000-0000-7000-8000-000000000000", "x" * 100, 0)
    return Asked("append 1 message", appends._APPEND_MESSAGE, arguments)


def _change_one(kind: str, sender: int, **fields: Any) -> Asked:
    body = codec.encode({"target": 60, **fields}).decode()
    arguments = (ME, 1001, sender, kind, "00000000-0000-7000-8000-000000000000", body, 60, MAX_EDITS)
    return Asked(f"append 1 {kind}", appends._CHANGE_ONE, arguments)


def _reply_one() -> Asked:
    arguments = (ME, 1001, ME, "00000000-0000-7000-8000-000000000000", "x" * 100, 60)
    return Asked("append 1 reply", appends._REPLY_ONE, arguments)


def _append_each() -> Asked:
    client_id = "00000000-0000-7000-8000-000000000000"
    arguments = ([ME], [1001], [1], [1001], ["delete"], [client_id], '{"target":60}', [60], MAX_EDITS)
    query = appends._APPEND_EACH.replace("$10", "'{NULL}'").replace("$7", "ARRAY[$7]")
    return Asked("append 1 delete", query, arguments)


def _append(count: int) -> Asked:
    pairs = [(ME, 1000 + n) for n in range(1, count + 1)]
    ids = [f"00000000-0000-7000-8000-{n:012d}" for n in range(count)]
    arguments = (
        [low for low, _ in pairs], [high for _, high in pairs], list(range(1, count + 1)), [ME] * count,
        ["message"] * count, ids, ["x" * 100] * count,
    )  # fmt: skip
    return Asked(f"append {count} to {count} threads", appends._APPEND, arguments)


def _add_words() -> Asked:
    times = [str(_LONG_AGO)] * 20
    arguments = (list(range(1, 21)), [70] * 20, times, [f"{ME}/word"] * 20)
    return Asked("add the words of 20 messages", search._ADD, arguments)


ASKED = [
    Asked("history: the newest 50", history._MESSAGES_BEFORE, (ME, 1001, MAX_SEQ, 50)),
    Asked("history: 50 before seq 60", history._MESSAGES_BEFORE, (ME, 1001, 60, 50)),
    Asked("history: around seq 50", history._MESSAGES_AROUND, (ME, 1001, 50, 50)),
    Asked("history: from a moment on", history._MESSAGES_AT, (ME, 1001, _LONG_AGO, 50)),
    Asked("the texts of a message", history._TEXTS, (ME, 1001, 60)),
    Asked("the log: 50 after seq 20", history._AFTER, (ME, 1001, 20, 50)),
    Asked("deliveries: 200 after seq 0", history._AFTER_BY_ID, (1, 0, 200)),
    Asked("inbox: the first 50, with unread", inbox._PAGE, (ME, _LATEST, MAX_SEQ, 51)),
    Asked("inbox: what is archived", inbox._PAGE_OF_ARCHIVED, (ME, _LATEST, MAX_SEQ, 51)),
    Asked("inbox: what is not archived", inbox._PAGE_BUT_ARCHIVED, (ME, _LATEST, MAX_SEQ, 51)),
    Asked("heads of one user (200 threads)", heads._THREADS_OF, ([ME],)),
    Asked(
        "what they keep about these",
        member_states._OF,
        ([ME] * OWN_THREADS, list(range(1001, 1001 + OWN_THREADS)), MAX_PAGE_BYTES),
    ),
    Asked("what one keeps about a thread", member_states._ONE, (ME, 1001)),
    Asked("keep a draft", member_states._KEEP, (ME, 1001, False, 1, "x" * 100, None, None, None, False)),
    Asked("states of threads that are not there", member_states._THREADLESS, (ME,)),
    Asked("search: needle (10 hits)", search._FIND, ("1/needle", None, _LATEST, MAX_SEQ, MAX_SEQ, 51, ME)),
    Asked(
        "search: weather nee…", search._FIND, ("1/weather & 1/nee:*", None, _LATEST, MAX_SEQ, MAX_SEQ, 51, ME)
    ),
    Asked(
        "search: weather (20,000 hits)", search._FIND, ("1/weather", None, _LATEST, MAX_SEQ, MAX_SEQ, 51, ME)
    ),
    Asked(
        "index the 20 messages of 20 batches",
        search._MESSAGES,
        (list(range(1, 21)), [ME] * 20, list(range(1001, 1021)), [70] * 20, [70] * 20),
    ),
    Asked("who has stored a GiB", usage._AT_LEAST, (2**30,)),
    Asked("count the 20 messages of 20 batches", usage._COUNT, (list(range(1, 21)), [70] * 20, [70] * 20)),
    _add_words(),
    Asked("renew the words of 64 messages", search._OUTDATED, (20, 50, 64)),
    Asked("mark", appends._MARK, ([ME], [1001], [60], [-1], [-1], [61])),
    Asked("mark, which ends a mark", appends._MARK, ([ME], [1007], [60], [-1], [-1], [61])),
    _append_message(),
    _append_one(),
    _append(20),
    _change_one("edit", 1001, text="x" * 100),
    _change_one("reaction", ME, emoji=None),
    _reply_one(),
    _append_each(),
]


async def fill(conn: Connection, strangers: int, *, analyze: bool = True) -> None:
    """Up to so many messages of strangers, and at first those of user 1. analyze: also the statistics."""
    last = await conn.fetchval("SELECT coalesce(max(id), 0) FROM threads WHERE id > 0")
    if last == 0:
        await conn.execute(_THREADS, ME, 1000, 0, OWN_THREADS)
        await _write(conn, 1, OWN_THREADS, OWN_MESSAGES)
        last = OWN_THREADS
    there = (last - OWN_THREADS) * _STRANGERS_MESSAGES
    missing = (strangers - there) // _STRANGERS_MESSAGES
    await conn.execute(_THREADS, 10_000 + last * 2, 1_000_000 + last * 2, 1, missing)
    await _write(conn, last + 1, last + missing, _STRANGERS_MESSAGES)
    if analyze:
        await conn.execute(_VACUUM, timeout=_FILL_TIMEOUT_S)


async def _write(conn: Connection, first: int, last: int, messages: int) -> None:
    """Up to so many messages in each of these threads."""
    await conn.execute(_MESSAGES, first, last, messages, timeout=_FILL_TIMEOUT_S)
    await conn.execute(_WORDS, first, last, timeout=_FILL_TIMEOUT_S)
    await conn.execute(_STATES, first, last, timeout=_FILL_TIMEOUT_S)
    await conn.execute(_HEADS, first, last, messages, timeout=_FILL_TIMEOUT_S)
    await conn.execute(_KEPT, first, last, messages, timeout=_FILL_TIMEOUT_S)


def opened(dsn: str) -> Any:
    """The service's own schema and session settings."""
    return database(dsn, "threads", MIGRATIONS, settings={**SESSION_SETTINGS, "statement_timeout": "0"})


async def _answers(dsn: str, sizes: Sequence[int]) -> dict[str, list[Answer]]:
    """What each query costs at each size: half of the strangers' messages are in one thread."""
    found: dict[str, list[Answer]] = {}
    async with opened(dsn) as db, db.connection() as conn:
        await conn.execute(_LONG_THREAD, *_LONG)
        for size in sizes:
            started = time.monotonic()
            long = size // 2 + size // 2 % _STRANGERS_MESSAGES
            index = await conn.fetchval(_SEARCH_INDEX)
            await conn.execute("DROP INDEX search_by_words")  # built at the end it takes a third of the time
            await fill(conn, size - long, analyze=False)
            await _write(conn, _LONG[0], _LONG[0], long)
            await conn.execute(index, timeout=_FILL_TIMEOUT_S)
            await conn.execute(_VACUUM, timeout=_FILL_TIMEOUT_S)
            sys.stderr.write(f"{size:,} messages of strangers: {time.monotonic() - started:.0f} s\n")
            for asked in (*ASKED, *_of_a_long_thread(long)):
                found.setdefault(asked.name, []).append(await explain(conn, asked))
    return found


def _of_a_long_thread(messages: int) -> list[Asked]:
    _, low, high = _LONG
    middle = messages // 2
    return [
        Asked("history: the newest 50 of a long thread", history._MESSAGES_BEFORE, (low, high, MAX_SEQ, 50)),
        Asked("history: around its middle", history._MESSAGES_AROUND, (low, high, middle, 50)),
        Asked("the log: 50 after its middle", history._AFTER, (low, high, middle, 50)),
        Asked("inbox with it", inbox._PAGE, (low, _LATEST, MAX_SEQ, 51)),
    ]


def _main(sizes: Sequence[int]) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="duet-plans-") as directory,
        running_postgres(Path(directory)) as server,
    ):
        server.ensure_database()
        found = asyncio.run(_answers(server.dsn(), sizes))
    lines = [
        _INTRODUCTION,
        *plans.table(sizes, found),
        "",
        f"The plans at {sizes[-1]:,}:",
        *plans.plans(found),
    ]
    _DOCUMENT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    _main([int(size) for size in sys.argv[1:]] or _SIZES)
