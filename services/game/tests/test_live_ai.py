"""Live games in which the AI has a seat: its turns, what is counted against it, how many one person may have."""

import asyncio
from typing import Any

import pytest

from services.game.engine import Engine
from services.game.tests.table import Table
from shared.wire.games import Game, Tally, ThreadGame
from shared.wire.ids import uuid7


async def test_a_person_has_ten_games_with_the_ai_at_most_however_fast_they_are_begun(table: Table) -> None:
    asked = [(peer, {"client_id": str(uuid7()), "o": "hard"}) for peer in ("bob", "eve") * 12]
    answers = await asyncio.gather(
        *(table.call("ann", "POST", f"/api/threads/{peer}/games", body) for peer, body in asked)
    )
    assert sorted(status for status, _ in answers) == [201] * 10 + [409] * 14
    refused = [answer for status, answer in answers if status == 409]
    assert {answer["code"] for answer in refused} == {"too-many-games"}
    assert "At most 10 with the AI, in all threads together: finish one first." in {
        answer["detail"] for answer in refused
    }
    await table.offer("bob", "eve", o="hard")
    taken = [answer["game"] for status, answer in answers if status == 201]
    await table.done("ann", taken[0]["id"], "withdraw")
    await table.offer("ann", "eve", x="easy", o="easy")


async def test_a_person_lets_the_ai_play_three_games_with_itself_at_most(table: Table) -> None:
    await table.stop("game")
    await table.start("game", ai_pace_s=60.0)
    asked = [{"client_id": str(uuid7()), "x": "easy", "o": "perfect"} for _ in range(12)]
    answers = await asyncio.gather(
        *(
            table.call("ann", "POST", f"/api/threads/{('bob', 'eve')[number % 2]}/games", body)
            for number, body in enumerate(asked)
        )
    )
    assert sorted(status for status, _ in answers) == [201] * 3 + [409] * 9
    assert {answer["detail"] for status, answer in answers if status == 409} == {
        "At most 3 of the AI with itself, in all threads together: end one first."
    }
    await table.offer("bob", "ann", x="easy", o="easy")
    await table.offer("ann", "bob", x="easy", o="me")
    [first, *_] = [answer["game"]["id"] for status, answer in answers if status == 201]
    await table.done("ann", first, "withdraw")
    await table.offer("ann", "bob", x="easy", o="perfect")


async def test_the_ai_answers_each_move_by_itself(table: Table) -> None:
    game = await table.offer("ann", "bob", x="me", o="perfect")
    assert (game.phase, game.turn) == ("playing", "X")

    def on_turn(found: ThreadGame) -> bool:
        return found.game.turn != "O"

    ply = 0
    while game.phase == "playing":
        free = next(cell for cell in range(9) if cell not in game.moves)
        await table.done("ann", game.id, "move", ply=ply, cell=free)
        game = (await table.until(game.id, on_turn)).game
        ply = len(game.moves)
    assert game.status in ("O", "draw")
    assert game.score.wins == {"ann": 0, "bob": 0}
    assert game.against_ai == (Tally(losses=1) if game.status == "O" else Tally(draws=1))
    assert await table.versions(game.id) == list(range(1, game.version + 1))
    ai_moves = [one for one in await table.log() if one["body"]["by"] is None]
    assert {one["sender"] for one in ai_moves} == {"ann"}


async def test_what_one_wins_and_loses_against_the_ai_is_counted_by_level(table: Table) -> None:
    async def lose(who: str, level: str) -> Game:
        game = await table.offer(who, "bob" if who == "ann" else "ann", x="me", o=level)
        await table.done(who, game.id, "move", ply=0, cell=4)
        return await table.done(who, game.id, "resign")

    assert (await lose("ann", "hard")).against_ai == Tally(losses=1)
    await table.sql.execute("UPDATE game.tallies SET wins = 7")
    first = await lose("ann", "hard")
    assert (first.against_ai, first.score.wins) == (Tally(wins=7, losses=2), {"ann": 0, "bob": 0})
    assert (await lose("ann", "easy")).against_ai == Tally(losses=1)
    assert (await lose("bob", "hard")).against_ai == Tally(losses=1)
    again = await table.done("ann", first.id, "rematch")
    assert (again.seats.o.username, again.against_ai) == ("ann", Tally(wins=7, losses=2))
    assert (await table.state(again.id, "bob")).game.against_ai == Tally(wins=7, losses=2)
    _, listed = await table.call("ann", "GET", "/api/threads/bob/games")
    assert listed["against_ai"] == {
        "easy": {"wins": 0, "losses": 1, "draws": 0},
        "hard": {"wins": 7, "losses": 2, "draws": 0},
    }
    _, listed = await table.call("eve", "GET", "/api/threads/ann/games")
    assert listed["against_ai"] == {}


async def test_the_ai_plays_itself_to_the_end_and_either_member_may_stop_it(table: Table) -> None:
    game = await table.offer("ann", "bob", x="perfect", o="perfect")
    over = await table.until(game.id, lambda found: found.game.phase == "finished")
    assert (over.game.status, len(over.game.moves)) == ("draw", 9)
    assert await table.versions(game.id) == list(range(1, 11))
    await table.stop("game")
    await table.start("game", ai_pace_s=60.0)
    slow = await table.done("bob", game.id, "rematch")
    assert (await table.done("ann", slow.id, "withdraw")).phase == "withdrawn"


async def test_the_ai_plays_the_larger_boards_too(table: Table) -> None:
    await table.stop("game")
    await table.start("game", engine_workers=1)
    game = await table.offer(
        "ann", "bob", x="medium", o="easy", spec={"variant": "mnk", "m": 5, "n": 5, "k": 4}
    )
    over = await table.until(game.id, lambda found: found.game.phase == "finished")
    assert await table.versions(game.id) == list(range(1, len(over.game.moves) + 2))


async def test_games_that_are_due_together_share_the_second_that_one_would_have(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a person with ten games against the AI on a large board keeps everybody else's waiting."""
    choose, limits = Engine.choose, []

    async def noted(engine: Engine, *asked: Any, time_limit_ms: int) -> int:
        limits.append(time_limit_ms)
        return await choose(engine, *asked, time_limit_ms=time_limit_ms)

    await table.stop("game")
    monkeypatch.setattr(Engine, "choose", noted)
    await table.start("game", engine_workers=2)
    large = {"spec": {"variant": "mnk", "m": 15, "n": 15, "k": 5}, "x": "perfect", "o": "me"}
    games = await asyncio.gather(*(table.offer("ann", "bob", **large) for _ in range(6)))
    for game in games:
        await table.until(game.id, lambda found: len(found.game.moves) == 1)
    assert max(limits) <= 1000
    assert min(limits) <= 1000 / 3
