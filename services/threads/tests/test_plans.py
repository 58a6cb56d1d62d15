"""No query reads more because strangers wrote more, nor because it was planned when there was little to read."""

import pytest

from services.threads.queries import appends
from services.threads.queries.appends import Row
from services.threads.tests import plans
from shared.plumbing.postgres.database import Connection
from shared.testing.plans import explain, explain_prepared, prepare
from shared.wire.ids import uuid7

MANY = 40_000
_DEEPER = 1.5
"""B-trees get a level or two; a page of them is read for each lookup."""


@pytest.mark.parametrize("planned", ["before the tables were filled", "after"])
async def test_what_a_query_reads_does_not_grow_with_strangers_messages(
    database_url: str, planned: str
) -> None:
    async with plans.opened(database_url) as db, db.connection() as conn:
        early = planned.startswith("before")
        if early:
            for table in (
                "events",
                "message_states",
                "member_states",
                "threads",
                "search",
            ):  # statistics would make the session plan again
                await conn.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
            await _prepare(conn)
        await plans.fill(conn, 0, analyze=not early)
        if not early:
            await _prepare(conn)
        few = await _buffers(conn)
        await plans.fill(conn, MANY, analyze=not early)
        many = await _buffers(conn)
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name] * _DEEPER + 10} == {}


async def _prepare(conn: Connection) -> None:
    for number, asked in enumerate(plans.ASKED):
        await prepare(conn, asked, f"asked_{number}")


async def _buffers(conn: Connection) -> dict[str, int]:
    found = {}
    for number, asked in enumerate(plans.ASKED):
        answer = await explain_prepared(conn, asked, f"asked_{number}")
        assert not any("Seq Scan" in line for line in answer.plan), answer.plan
        found[asked.name] = answer.buffers
    return found


async def test_a_page_of_messages_does_not_read_the_games_between_them(database_url: str) -> None:
    async with plans.opened(database_url) as db, db.connection() as conn:
        await plans.fill(conn, 0)
        pages = [asked for asked in plans.ASKED if asked.name.startswith("history")]
        before = [(await explain(conn, asked)).buffers for asked in pages]
        moves = [Row((plans.ME, 1001), plans.ME, "game", uuid7(), '"a move"') for _ in range(3000)]
        await appends.append(conn, moves)
        await conn.execute("ANALYZE events")
        after = [(await explain(conn, asked)).buffers for asked in pages]
    assert all(now <= then * _DEEPER + 10 for then, now in zip(before, after, strict=True)), (before, after)
