"""POST /api/tictactoe/move on the running service."""

import json
from typing import Any

import msgspec
import pytest

from services.game.classic.levels import perfect_cell, values_of_moves
from services.game.classic.reasons import reason_of
from services.game.classic.rules import empty_cells, place, status, to_text, turn
from services.game.tests.conftest import Ask, Client
from services.game.tests.walk import PLAYABLE, REACHABLE
from shared.testing.tokens import Tokens
from shared.wire.tictactoe import MoveMade


async def test_the_example_of_the_contract_is_answered_field_by_field(ask: Ask) -> None:
    code, answer = await ask(board="X........")
    assert code == 200
    assert list(answer) == [
        "cell",
        "player",
        "board",
        "status",
        "outcome",
        "distance",
        "reason",
        "moves",
        "exact",
        "value",
    ]
    moves = answer.pop("moves")
    assert answer == {
        "cell": 4,
        "player": "O",
        "board": "X...O....",
        "status": "playing",
        "outcome": "draw",
        "distance": 7,
        "reason": "centre",
        "exact": True,
        "value": 0.0,
    }
    assert moves[0] == {"cell": 1, "outcome": "X", "distance": 5}
    assert moves[3] == {"cell": 4, "outcome": "draw", "distance": 7}
    assert [move["cell"] for move in moves] == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_the_empty_board_is_answered_in_the_centre(ask: Ask) -> None:
    code, answer = await ask(board=".........", player="X", level="perfect")
    assert (code, answer["cell"], answer["player"], answer["reason"]) == (200, 4, "X", "centre")
    assert (answer["outcome"], answer["distance"]) == ("draw", 8)


async def test_a_winning_move_names_its_line_and_is_at_no_distance(ask: Ask) -> None:
    code, answer = await ask(board="XX.OO....")
    assert code == 200
    assert answer["line"] == [0, 1, 2]
    assert (answer["status"], answer["outcome"], answer["distance"], answer["reason"]) == ("X", "X", 0, "win")
    assert {"cell": 2, "outcome": "X", "distance": 0} in answer["moves"]


async def test_the_last_move_of_a_draw_ends_it_without_a_line(ask: Ask) -> None:
    code, answer = await ask(board="XOXXOO.XO")
    assert (code, answer["cell"], answer["status"], answer["outcome"]) == (200, 6, "X", "X")
    code, answer = await ask(board="XOXXOOOX.")
    assert (code, answer["status"], answer["outcome"], answer["distance"]) == (200, "draw", "draw", 0)
    assert "line" not in answer


async def test_every_playable_board_gets_the_perfect_move_with_true_values(ask: Ask) -> None:
    for position in PLAYABLE[
        ::7
    ]:  # every board is solved by the pure tests; here the path through HTTP counts
        code, raw = await ask(board=to_text(position))
        answer = msgspec.convert(raw, MoveMade)
        cell, values = perfect_cell(position), values_of_moves(position)
        after = place(position, turn(position), cell)
        assert (code, answer.cell, answer.board, answer.status) == (200, cell, to_text(after), status(after))
        assert answer.reason == reason_of(position, cell)
        assert (answer.outcome, answer.distance) == values[cell]
        assert [(m.cell, m.outcome, m.distance) for m in answer.moves] == [(c, *v) for c, v in values.items()]


@pytest.mark.parametrize("level", ["easy", "medium", "hard", "perfect"])
async def test_each_level_answers_with_a_legal_move(ask: Ask, level: str) -> None:
    for position in PLAYABLE[::211]:
        code, answer = await ask(board=to_text(position), level=level)
        assert code == 200
        assert answer["cell"] in empty_cells(position)
        assert answer["reason"] == reason_of(position, answer["cell"])


async def test_easy_does_not_play_the_same_game_every_time(ask: Ask) -> None:
    cells = {(await ask(board=".........", level="easy"))[1]["cell"] for _ in range(60)}
    assert len(cells) > 2


async def test_every_finished_board_is_refused_as_finished(ask: Ask) -> None:
    finished = [position for position in REACHABLE if status(position) != "playing"]
    for position in finished[::19]:
        code, problem = await ask(board=to_text(position))
        assert code == 422
        assert problem["detail"].startswith("The game is over: ")


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"board": "XX......."}, "/board", "2 X and 0 O cannot be: X moves first and the sides take turns."),
    ({"board": "XXXOOO..."}, "/board", "Both X and O have a line; the game ends with the first."),
    ({"board": "XXXOO.O.."}, "/board", "O moved after X had won."),
    ({"board": "XXXOO...."}, "/board", "The game is over: X has won."),
    ({"board": "XOXXOOOXX"}, "/board", "The game is over: it is a draw."),
    ({"board": "........"}, "/board", "A board has 9 characters, this one has 8."),
    ({"board": ".........."}, "/board", "A board has 9 characters, this one has 10."),
    ({"board": "x........"}, "/board", "Cell 0 holds 'x'; only X, O and . may stand on a board."),
    ({"board": ".........", "player": "O"}, "/player", "It is X's turn, not O's."),
    ({"board": "X........", "player": "X"}, "/player", "It is O's turn, not X's."),
]


@pytest.mark.parametrize(("body", "pointer", "sentence"), REFUSED, ids=str)
async def test_a_board_or_player_that_cannot_be_is_a_422_that_says_why(
    ask: Ask, body: dict[str, Any], pointer: str, sentence: str
) -> None:
    code, problem = await ask(**body)
    assert (code, problem["status"]) == (422, 422)
    assert problem["detail"] == sentence
    assert problem["errors"] == [{"pointer": pointer, "detail": sentence}]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/board"),
        ({"board": None}, "/board"),
        ({"board": 7}, "/board"),
        ({"board": ["."] * 9}, "/board"),
        ({"board": "." * 9, "player": "Z"}, "/player"),
        ({"board": "." * 9, "player": None}, "/player"),
        ({"board": "." * 9, "level": "godlike"}, "/level"),
        ({"board": "." * 9, "level": None}, "/level"),
        ({"board": "." * 9, "seed": -1}, "/seed"),
        ({"board": "." * 9, "sed": 1}, "/sed"),
    ],
    ids=str,
)
async def test_a_field_of_the_wrong_kind_is_a_422_that_points_to_it(
    ask: Ask, body: dict[str, Any], pointer: str
) -> None:
    code, problem = await ask(**body)
    assert code == 422
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", 400), (b"{", 400), (b"\xff", 400), (b"[]", 422), (b"NaN", 400), (b"[" * 5000, 422)],
)
async def test_a_body_that_is_not_the_object_asked_for_is_a_problem(
    game: Client, gateway: dict[str, str], body: bytes, code: int
) -> None:
    headers = {**gateway, "Content-Type": "application/json"}
    async with game.post("/api/tictactoe/move", data=body, headers=headers) as response:
        assert response.status == code
        assert response.content_type == "application/problem+json"
        assert json.loads(await response.read())["status"] == code


async def test_only_the_gateway_may_ask(game: Client, tokens: Tokens) -> None:
    for headers, code in (({}, 401), (tokens.program("relay"), 403), (tokens.user(1, "ann"), 403)):
        async with game.post("/api/tictactoe/move", json={"board": "." * 9}, headers=headers) as response:
            assert response.status == code


async def test_it_is_ready_when_it_listens(game: Client) -> None:
    async with game.get("/health/ready") as response:
        assert response.status == 200
