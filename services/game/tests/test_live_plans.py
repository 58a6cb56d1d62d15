"""No query about games reads more because strangers played more, nor because the two have a long history."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.game.live import caps, due, outbox, queries, results
from services.game.live.lifetime import MIGRATIONS, SESSION_SETTINGS
from shared.plumbing.postgres.database import database

ME, PEER = 1, 2
ID = UUID(int=1)
MANY = 20_000
_BUFFERS = 60
"""What ten games and their scores take; it does not grow with the table but for a level of its trees."""

_FILL = """
INSERT INTO games (id, low, high, low_name, high_name, offered_by, client_id, asked, version, changed_at, due_at, seq,
    rematch_of, open, low_waits, high_waits, state, person, level, ai_seats,
    finished)
SELECT gen_random_uuid(), low, high, 'low', 'high', low, gen_random_uuid(), '{}', 9, now() - n * interval '1 s',
    CASE WHEN n <= 5 THEN now() + interval '1 h' END, n * 12, gen_random_uuid(), n <= 5, n <= 5, false,
    repeat('x', 900), low, 'hard', 1, n > 5
FROM generate_series(1, $3::int) AS n, LATERAL (SELECT $1::bigint + (n % $4::int) * 2 AS low) AS l,
    LATERAL (SELECT $2::bigint + (n % $4::int) * 2 AS high) AS h
"""
ASKED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "one game": (queries._ONE, (ID,)),
    "a command: lock the game": (queries._LOCK, (ID,)),
    "a command: seen before?": (queries._COMMAND, (ID, ME, ID)),
    "an offer: seen before?": (queries._BY_CLIENT_ID, (ME, ID)),
    "an offer: how many are open": (caps._COUNT_OPEN, (ME, PEER)),
    "an offer: how many are open with the AI": (caps._COUNT_WITH_AI, (ME,)),
    "the rematch of a game": (queries._REMATCH, (ID,)),
    "open games of a thread": (queries._OPEN_OF_PAIR, (ME, PEER, 200)),
    "games of 50 seqs of a thread": (queries._IN_RANGE, (ME, PEER, 1000, 1050, 200)),
    "the last ten finished games of a thread": (queries._FINISHED_IN_RANGE, (ME, PEER, 0, 9999, 10)),
    "my open games": (queries._OPEN_OF_USER, (ME, 200)),
    "my move": (queries._WAITING_FOR_USER, (ME, 200)),
    "a member's tallies": (results._TALLIES, (ME, PEER, ME)),
    "the outbox": (outbox._OLDEST, (256,)),
    "what is due": (due._TAKE, (4, "00:00:02")),
    "when something is due": (due._FOLLOWING, ()),
}


async def test_what_a_query_about_games_reads_does_not_grow(database_url: str) -> None:
    async with (
        database(database_url, "game", MIGRATIONS, settings=SESSION_SETTINGS) as db,
        db.connection() as conn,
    ):
        await conn.execute(_FILL, ME, PEER, 200, 1)
        await conn.execute(_FILL, 1001, 1002, MANY, 1000)
        await conn.execute("VACUUM ANALYZE games", timeout=60)
        for name, (sql, arguments) in ASKED.items():
            buffers, plan = await explained(conn, sql, arguments)
            assert "Seq Scan" not in plan, (name, plan)
            assert buffers <= _BUFFERS, (name, buffers, plan)


async def explained(conn: asyncpg.Connection, sql: str, arguments: tuple[Any, ...]) -> tuple[int, str]:
    """Pages touched, and the plan as JSON, of a generic plan."""
    await conn.execute(f"PREPARE asked AS {sql}")
    await conn.execute("SET plan_cache_mode = force_generic_plan")
    literals = ", ".join(str(one) if isinstance(one, int) else f"'{one}'" for one in arguments)
    transaction = conn.transaction()
    await transaction.start()
    execute = f"EXECUTE asked ({literals})" if arguments else "EXECUTE asked"
    found = await conn.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {execute}")
    await transaction.rollback()
    await conn.execute("DEALLOCATE asked")
    plan = msgspec.json.decode(found)[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], found
