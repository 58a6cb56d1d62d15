"""Games in a thread through PgBouncer."""

import pytest

from services.game.tests.table import Table


@pytest.mark.usefixtures("pooled")
async def test_a_game_is_played_to_its_end_and_told(table: Table) -> None:
    game = await table.offer("bob", "ann", x="peer", o="me")
    await table.done("ann", game.id, "accept")
    assert (await table.play(game.id, 4, 0, 2, 1, 6)).ending == "line"
    await table.posted()
    assert await table.versions(game.id) == [1, 2, 3, 4, 5, 6, 7]
