"""How the queries are answered as strangers' messages grow: `python -m services.threads.tests.plans`.

Prints the table and the plans of docs/plans/threads.md. User 1 has 200 threads of 100 messages, whatever the size.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from services.threads.app import MIGRATIONS, SESSION_SETTINGS
from services.threads.queries import appends, heads, history, inbox, search
from shared.embedded.running import running_postgres
from shared.plumbing.postgres import Connection, Database, database
from shared.wire.ids import MAX_SEQ

ME = 1
OWN_THREADS = 200
OWN_MESSAGES = 100
_STRANGERS_MESSAGES = 1000
_SIZES = (10_000, 100_000, 1_000_000)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_FILL_TIMEOUT_S = 1800

_THREADS = (
    "INSERT INTO threads (low, high) SELECT $1::bigint + n * $3::int, $2 + n FROM generate_series(1, $4) AS n"
)
# Everybody's messages hold the word `needle`, mine only in the first ten threads, once each.
_MESSAGES = """
INSERT INTO events (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body)
SELECT t.id, seq, CASE WHEN seq % 2 = 1 THEN low ELSE high END,
    now() - interval '1 s' * (1e6 - seq * 1000 - t.id % 1000),
    (seq + 1) / 2, seq / 2, gen_random_uuid(), 'message',
    format('message %s about the weather and %s, no %s in %s', seq, md5((t.id * 1000 + seq)::text),
        CASE WHEN low <> 1 OR (seq = 50 AND high < 1011) THEN 'needle' ELSE 'thread' END, t.id)
FROM threads AS t, generate_series(1, $2::int) AS seq WHERE t.id > $1
"""
_WORDS = """
INSERT INTO search (thread_id, seq, created_at, words)
SELECT e.thread_id, e.seq, e.created_at, array_to_tsvector(ARRAY(
    SELECT DISTINCT format('%s/%s', member, word)
    FROM unnest(ARRAY[t.low, t.high]) AS member, regexp_split_to_table(e.body, '[ ,]+') AS word))
FROM events AS e JOIN threads AS t ON t.id = e.thread_id WHERE t.id > $1
"""
_HEADS = """
UPDATE threads SET head = $2::int, last_message = $2::int, low_sent = ($2::int + 1) / 2, high_sent = $2::int / 2,
    last_at = now() - interval '1 min' * (id % 3000)
WHERE id > $1
"""


class Asked(msgspec.Struct, frozen=True):
    """A query as the service asks it, and its arguments."""

    name: str
    sql: str
    arguments: Sequence[Any]


class Answer(msgspec.Struct, frozen=True):
    """buffers: pages touched. ms: the best of five. plan: lines."""

    buffers: int
    ms: float
    plan: list[str]


def _append(count: int) -> Asked:
    pairs = [(ME, 1000 + n) for n in range(1, count + 1)]
    ids = [f"00000000-0000-7000-8000-{n:012d}" for n in range(count)]
    arguments = (
        [low for low, _ in pairs], [high for _, high in pairs], list(range(1, count + 1)), [ME] * count,
        ["message"] * count, ids, ["x" * 100] * count,
    )  # fmt: skip
    return Asked(f"append {count} to {count} thread{'s' * (count > 1)}", appends._APPEND, arguments)


ASKED = [
    Asked("history: the newest 50", history._MESSAGES_BEFORE, (ME, 1001, MAX_SEQ, 50)),
    Asked("history: 50 before seq 60", history._MESSAGES_BEFORE, (ME, 1001, 60, 50)),
    Asked("history: around seq 50", history._MESSAGES_AROUND, (ME, 1001, 50, 50)),
    Asked("the log: 50 after seq 20", history._AFTER, (ME, 1001, 20, 50)),
    Asked("deliveries: 200 after seq 0", history._AFTER_BY_ID, (1, 0, 200)),
    Asked("inbox: the first 50, with unread", inbox._PAGE, (ME, _LATEST, MAX_SEQ, 51)),
    Asked("heads of one user (200 threads)", heads._THREADS_OF, ([ME],)),
    Asked("search: needle (10 hits)", search._FIND, ("1/needle", None, _LATEST, MAX_SEQ, MAX_SEQ, 51, ME)),
    Asked(
        "search: weather nee…", search._FIND, ("1/weather & 1/nee:*", None, _LATEST, MAX_SEQ, MAX_SEQ, 51, ME)
    ),
    Asked(
        "search: weather (20,000 hits)", search._FIND, ("1/weather", None, _LATEST, MAX_SEQ, MAX_SEQ, 51, ME)
    ),
    Asked("mark read", appends._MARK_READ, ([ME], [1001], [60], [0])),
    _append(1),
    _append(20),
]


async def fill(conn: Connection, strangers: int, *, analyze: bool = True) -> None:
    """Up to so many messages of strangers, and at first those of user 1. analyze: also the statistics."""
    last = await conn.fetchval("SELECT coalesce(max(id), 0) FROM threads")
    if last == 0:
        await conn.execute(_THREADS, ME, 1000, 0, OWN_THREADS)
        await _write(conn, 0, OWN_MESSAGES)
        last = OWN_THREADS
    there = (last - OWN_THREADS) * _STRANGERS_MESSAGES
    missing = (strangers - there) // _STRANGERS_MESSAGES
    await conn.execute(_THREADS, 10_000 + last * 2, 1_000_000 + last * 2, 1, missing)
    await _write(conn, last, _STRANGERS_MESSAGES)
    if analyze:
        await conn.execute("VACUUM ANALYZE events, threads, search, outbox", timeout=_FILL_TIMEOUT_S)


async def _write(conn: Connection, after: int, messages: int) -> None:
    await conn.execute(_MESSAGES, after, messages, timeout=_FILL_TIMEOUT_S)
    await conn.execute(_WORDS, after, timeout=_FILL_TIMEOUT_S)
    await conn.execute(_HEADS, after, messages, timeout=_FILL_TIMEOUT_S)


async def explain(conn: Connection, asked: Asked) -> Answer:
    """The plan that a session of the service makes now."""
    await prepare(conn, asked, "asked")
    answer = await explain_prepared(conn, asked, "asked")
    await conn.execute("DEALLOCATE asked")
    return answer


async def prepare(conn: Connection, asked: Asked, name: str) -> None:
    """Has the session plan it now, inner plans too; they are kept. Nothing stays written, here and below."""
    await conn.execute(f"PREPARE {name} AS {asked.sql}")
    transaction = conn.transaction()
    await transaction.start()
    await conn.execute(f"EXECUTE {name} ({', '.join(map(_literal, asked.arguments))})")
    await transaction.rollback()


async def explain_prepared(conn: Connection, asked: Asked, name: str) -> Answer:
    """With the plan that the session has for it."""
    answers = []
    execute = f"EXECUTE {name} ({', '.join(map(_literal, asked.arguments))})"
    as_text = f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF, TIMING OFF, SUMMARY OFF) {execute}"
    for _ in range(5):
        transaction = conn.transaction()
        await transaction.start()
        [found] = msgspec.json.decode(
            await conn.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {execute}")
        )
        lines = [line for (line,) in await conn.fetch(as_text)]
        await transaction.rollback()
        plan = found["Plan"]
        buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        answers.append(Answer(buffers, found["Execution Time"], lines))
    return min(answers, key=lambda answer: answer.ms)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, (list, tuple)):
        return "'{" + ",".join(map(str, value)) + "}'"
    return str(value) if isinstance(value, int) else f"'{value}'"


def opened(dsn: str) -> Any:
    """The service's own schema and session settings."""
    return database(dsn, "threads", MIGRATIONS, settings={**SESSION_SETTINGS, "statement_timeout": "0"})


async def _main(dsn: str) -> None:
    found: dict[str, list[Answer]] = {asked.name: [] for asked in ASKED}
    db: Database
    async with opened(dsn) as db, db.connection() as conn:
        for size in _SIZES:
            await fill(conn, size)
            for asked in ASKED:
                found[asked.name].append(await explain(conn, asked))
    lines = ["| | " + " | ".join(f"{size:,}" for size in _SIZES) + " |", "|---" * (len(_SIZES) + 1) + "|"]
    for name, answers in found.items():
        cells = " | ".join(f"{answer.buffers} buffers, {answer.ms:.2f} ms" for answer in answers)
        lines.append(f"| {name} | {cells} |")
    for name, answers in found.items():
        lines += ["", f"**{name}**", "", *(f"    {line}" for line in answers[-1].plan)]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="duet-plans-") as directory,
        running_postgres(Path(directory)) as server,
    ):
        server.ensure_database()
        asyncio.run(_main(server.dsn()))
