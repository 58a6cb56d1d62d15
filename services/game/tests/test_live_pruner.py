"""What was done is remembered for a week, and then forgotten in batches."""

import asyncio

from services.game.live.lifetime import MIGRATIONS, SESSION_SETTINGS
from services.game.live.pruner import _PRUNE, Pruner
from services.game.tests.table import WITHIN_S, Table
from services.game.tests.test_live_plans import explained
from shared.plumbing.postgres.database import database
from shared.wire.ids import uuid7

_FILL = """
INSERT INTO commands (game_id, user_id, client_id, command, at)
SELECT gen_random_uuid(), 1, gen_random_uuid(), '{}', now() - $2::text::interval FROM generate_series(1, $1)
"""


async def test_what_is_older_than_a_week_goes_in_batches_and_the_rest_stays(database_url: str) -> None:
    async with database(database_url, "game", MIGRATIONS, settings=SESSION_SETTINGS) as db:
        async with db.connection() as conn:
            await conn.execute(_FILL, 25, "8 days")
            await conn.execute(_FILL, 5, "6 days 23 hours")
        first, second = Pruner(db, batch=10), Pruner(db, batch=10)
        assert sum(await asyncio.gather(first.prune(), second.prune())) == 20
        assert [await first.prune() for _ in range(2)] == [5, 0]
        async with db.connection() as conn:
            assert await conn.fetchval("SELECT count(*) FROM commands") == 5


async def test_a_prune_reads_what_it_deletes_and_not_the_table(database_url: str) -> None:
    async with (
        database(database_url, "game", MIGRATIONS, settings=SESSION_SETTINGS) as db,
        db.connection() as conn,
    ):
        await conn.execute(_FILL, 20_000, "1 day")
        await conn.execute(_FILL, 10, "8 days")
        await conn.execute("VACUUM ANALYZE commands")
        buffers, plan = await explained(conn, _PRUNE, ("7 days", 1000))
        assert "Seq Scan" not in plan
        assert buffers <= 100, plan


async def test_a_service_that_starts_forgets_and_a_repeat_after_that_changes_nothing(table: Table) -> None:
    game = await table.offer("ann", "bob")
    path = f"/api/games/{game.id}/commands"
    accept = {"client_id": str(uuid7()), "do": "accept"}
    move = {"client_id": str(uuid7()), "do": "move", "ply": 0, "cell": 4}
    assert (await table.call("bob", "POST", path, accept))[0] == 200
    assert (await table.call("ann", "POST", path, move))[0] == 200
    await table.stop("game")
    await table.sql.execute("UPDATE game.commands SET at = at - interval '8 days'")
    await table.start("game")
    async with asyncio.timeout(WITHIN_S):
        while await table.sql.fetchval("SELECT count(*) FROM game.commands"):
            await asyncio.sleep(0.01)
    for who, command, code in (("bob", accept, "not-now"), ("ann", move, "stale")):
        status, problem = await table.call(who, "POST", path, command)
        assert (status, problem["code"]) == (409, code)
    assert (await table.state(game.id)).game.version == 3
