"""What PostgreSQL does for a query as a service asks it: pages touched, time and plan, and the table of them.

The documents in docs/plans/ are written from here; the tests beside each service hold the shape.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from shared.plumbing.postgres.database import Connection

_TIMES = 5
_numbers = itertools.count(1)


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


async def explain(conn: Connection, asked: Asked) -> Answer:
    """The plan that a session of the service makes now."""
    name = f"asked_{next(_numbers)}"  # asyncpg knows an EXECUTE by its text, and what it answers with
    await prepare(conn, asked, name)
    answer = await explain_prepared(conn, asked, name)
    await conn.execute(f"DEALLOCATE {name}")
    return answer


async def prepare(conn: Connection, asked: Asked, name: str) -> None:
    """Makes the session plan it now, inner plans too, and keep the plans. What it writes is rolled back."""
    await conn.execute(f"PREPARE {name} AS {asked.sql}")
    await _rolled_back(conn, f"EXECUTE {name} ({', '.join(map(_literal, asked.arguments))})")


async def explain_prepared(conn: Connection, asked: Asked, name: str) -> Answer:
    """With the plan that the session has for it."""
    answers = []
    execute = f"EXECUTE {name} ({', '.join(map(_literal, asked.arguments))})"
    as_text = f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF, TIMING OFF, SUMMARY OFF) {execute}"
    for _ in range(_TIMES):
        [[document]] = await _rolled_back(conn, f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {execute}")
        [found] = msgspec.json.decode(document)
        lines = [line for (line,) in await _rolled_back(conn, as_text)]
        plan = found["Plan"]
        buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        answers.append(Answer(buffers, found["Execution Time"], lines))
    return min(answers, key=lambda answer: answer.ms)


async def _rolled_back(conn: Connection, sql: str) -> list[Any]:
    """Each in a transaction of its own: what is done twice in one may be refused as a repeat."""
    transaction = conn.transaction()
    await transaction.start()
    answer: list[Any] = await conn.fetch(sql)
    await transaction.rollback()
    return answer


def table(sizes: Sequence[int], found: Mapping[str, Sequence[Answer]]) -> list[str]:
    """Markdown lines: a row a query, a column a size, and how far the last time is from the first."""
    lines = [
        "| | " + " | ".join(f"{size:,}" for size in sizes) + " | time, last to first |",
        "|---" * (len(sizes) + 2) + "|",
    ]
    for name, answers in found.items():
        cells = " | ".join(f"{answer.buffers} buffers, {answer.ms:.2f} ms" for answer in answers)
        lines.append(f"| {name} | {cells} | × {answers[-1].ms / answers[0].ms:.2f} |")
    return lines


def plans(found: Mapping[str, Sequence[Answer]]) -> list[str]:
    """Markdown lines: the plan of each query at the last size."""
    lines = []
    for name, answers in found.items():
        lines += ["", f"**{name}**", "", *(f"    {line}" for line in answers[-1].plan)]
    return lines


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, (list, tuple)):
        return "'{" + ",".join(map(str, value)) + "}'"
    return str(value) if isinstance(value, int) else f"'{value}'"
