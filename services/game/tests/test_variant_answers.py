"""The larger games through the endpoints of the running service."""

from typing import Any

import msgspec
import pytest

from services.game.tests.conftest import Client
from services.game.variants.rules import ruleset
from shared.wire.tictactoe import Analysis, MoveMade, MovesMade, VariantSpec

GOMOKU: dict[str, Any] = {"variant": "mnk", "m": 15, "n": 15, "k": 5}
MNK_443: dict[str, Any] = {"variant": "mnk", "m": 4, "n": 4, "k": 3}


class Asker:
    """Posts to the AI as the gateway does."""

    def __init__(self, client: Client, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    async def __call__(self, call: str, body: dict[str, Any]) -> tuple[int, Any]:
        async with self._client.post(f"/api/tictactoe/{call}", json=body, headers=self._headers) as response:
            return response.status, await response.json(content_type=None)

    async def move(self, **body: Any) -> MoveMade:
        status, answer = await self("move", body)
        assert status == 200, answer
        return msgspec.convert(answer, MoveMade)


@pytest.fixture
def ask(thinking_game: Client, gateway: dict[str, str]) -> Asker:
    """Of a service with a worker."""
    return Asker(thinking_game, {**gateway, "X-Forwarded-For": "192.0.2.1"})


@pytest.mark.parametrize("level", ["easy", "medium", "hard", "perfect"])
async def test_fifteen_by_fifteen_is_answered_at_every_level(ask: Asker, level: str) -> None:
    board = ruleset(VariantSpec("mnk", 15, 15, 5)).replay([112, 97, 113])
    made = await ask.move(**GOMOKU, board=board.text, level=level, time_limit_ms=100)
    assert board.play(made.cell).text == made.board
    assert (made.player, made.status) == ("O", "playing")


@pytest.mark.parametrize(
    "question",
    [
        {**GOMOKU, "board": "." * 112 + "X" + "." * 112},
        {"variant": "ultimate", "board": "." * 40 + "X" + "." * 40, "last": 40},
        {**GOMOKU, "board": "." * 225, "level": "easy"},
        {"variant": "misere", "board": "." * 9, "level": "medium"},
        {"board": "." * 9, "level": "easy"},
    ],
    ids=str,
)
async def test_the_same_seed_gets_the_same_answer(ask: Asker, question: dict[str, Any]) -> None:
    answers = [await ask.move(**question, seed=7, time_limit_ms=100) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


async def test_a_proven_move_says_so_with_outcome_and_distance(ask: Asker) -> None:
    made = await ask.move(**MNK_443, board="." * 16, seed=1)
    assert (made.exact, made.outcome, made.distance, made.value) == (True, "X", 4, 1.0)


async def test_a_winning_move_names_its_line(ask: Asker) -> None:
    made = await ask.move(**MNK_443, board="XX..OO..........")
    assert (made.cell, made.status, made.line, made.distance) == (2, "X", [0, 1, 2], 0)
    assert made.reason == "win"


async def test_every_move_is_analysed_in_each_variant(ask: Asker) -> None:
    for spec, moves in (
        (VariantSpec(), [0]),
        (VariantSpec("misere"), [4]),
        (VariantSpec("mnk", 5, 4, 4), [7]),
        (VariantSpec("ultimate"), [40, 30]),
    ):
        board = ruleset(spec).replay(moves)
        body = {**msgspec.to_builtins(spec), "board": board.text, "last": board.last, "time_limit_ms": 200}
        status, answer = await ask("analyse", body)
        assert status == 200, answer
        analysis = msgspec.convert(answer, Analysis)
        assert [move.cell for move in analysis.moves] == list(board.legal)
        for move in analysis.moves:
            assert move.words
            assert move.variation[0] == move.cell
            ruleset(spec).replay([*moves, *move.variation])  # each is legal
            assert move.exact == (move.outcome is not msgspec.UNSET)


async def test_classic_is_analysed_to_the_end(ask: Asker) -> None:
    _, answer = await ask("analyse", {"board": "X........"})
    assert (answer["best"], answer["outcome"], answer["distance"], answer["exact"]) == (4, "draw", 8, True)
    side = next(move for move in answer["moves"] if move["cell"] == 1)
    assert (side["outcome"], side["distance"], len(side["variation"])) == ("X", 5, 6)
    assert side["words"] == "O takes a cell at the side."


async def test_a_batch_is_answered_in_its_order(ask: Asker) -> None:
    positions = [
        {"board": "." * 9},
        {**MNK_443, "board": "XX..OO.........."},
        {"variant": "misere", "board": "X........"},
    ]
    status, answer = await ask("moves", {"positions": positions})
    assert status == 200
    made = msgspec.convert(answer, MovesMade).moves
    assert [(move.cell, move.player) for move in made[:2]] == [(4, "X"), (2, "X")]
    assert made[2].player == "O"


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("move", {"variant": "chess", "board": "." * 9}, "/variant"),
    ("move", {"variant": "mnk", "m": 4, "n": 4, "board": "." * 16}, "/k"),
    ("move", {"variant": "mnk", "m": 16, "n": 4, "k": 4, "board": "." * 64}, "/m"),
    ("move", {"variant": "mnk", "m": 4, "n": 3, "k": 5, "board": "." * 12}, "/k"),
    ("move", {"variant": "classic", "m": 3, "board": "." * 9}, "/m"),
    ("move", {"board": "X........", "last": 1}, "/last"),
    ("move", {**MNK_443, "board": "." * 9}, "/board"),
    ("move", {**MNK_443, "board": "X" + "." * 15, "player": "X"}, "/player"),
    ("move", {"variant": "ultimate", "board": "X" + "." * 80}, "/last"),
    ("move", {"variant": "misere", "board": "XXXOO...."}, "/board"),
    ("move", {**MNK_443, "board": "." * 16, "time_limit_ms": 2001}, "/time_limit_ms"),
    ("analyse", {"board": "XXXOO...."}, "/board"),
    ("analyse", {"board": "." * 9, "level": "easy"}, "/level"),
    ("moves", {"positions": []}, "/positions"),
    ("moves", {"positions": [{"board": "." * 9}] * 65}, "/positions"),
    ("moves", {"positions": [{"board": "." * 9}, {"board": "XX......."}]}, "/positions/1/board"),
    ("moves", {"positions": [{"board": "." * 9, "variant": "mnk"}]}, "/positions/0/m"),
]


@pytest.mark.parametrize(("call", "body", "pointer"), REFUSED, ids=str)
async def test_what_cannot_be_asked_is_a_422_that_points_to_it(
    game: Client, gateway: dict[str, str], call: str, body: dict[str, Any], pointer: str
) -> None:
    status, problem = await Asker(game, gateway)(call, body)
    assert (status, [error["pointer"] for error in problem["errors"]]) == (422, [pointer])


async def test_without_a_worker_what_is_looked_up_is_answered_and_the_rest_is_a_503(
    game: Client, gateway: dict[str, str]
) -> None:
    ask = Asker(game, gateway)
    assert (await ask("move", {"variant": "misere", "board": "." * 9}))[0] == 200
    assert (await ask("move", {**MNK_443, "board": "." * 16}))[0] == 503
