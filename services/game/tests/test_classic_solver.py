"""Exact play, against game-truth.md, an independent minimax and the symmetries of the square."""

from collections import Counter
from functools import cache

import pytest

from services.game.classic.levels import values_of_moves
from services.game.classic.rules import EMPTY, empty_cells, parse
from services.game.classic.solver import Value, solve
from services.game.geometry import Variant
from services.game.tests.proof import can_force
from services.game.tests.walk import PLAYABLE, REACHABLE, images

SMALL = [Variant(m, n, k) for m in (1, 2, 3, 4) for n in (1, 2, 3) for k in (1, 2, 3, 4)]
_LINES = ("012", "345", "678", "036", "147", "258", "048", "246")


@cache
def minimax(board: str) -> tuple[int, int]:
    """(1, 0 or -1 for X, plies to the end), written apart from the service on strings alone."""
    for line in _LINES:
        stones = {board[int(cell)] for cell in line}
        if stones in ({"X"}, {"O"}):
            return (1 if stones == {"X"} else -1), 0
    free = [cell for cell, stone in enumerate(board) if stone == "."]
    if not free:
        return 0, 0
    stone, sign = ("X", 1) if len(free) % 2 else ("O", -1)
    after = [minimax(board[:cell] + stone + board[cell + 1 :]) for cell in free]
    best = max(sign * score for score, _ in after)
    plies = [distance for score, distance in after if sign * score == best]
    return sign * best, 1 + (max(plies) if best < 0 else min(plies))


def test_every_position_has_the_value_an_independent_minimax_gives_it() -> None:
    values, names = solve(), {1: "X", -1: "O", 0: "draw"}
    assert set(values) == set(REACHABLE)
    for position, value in values.items():
        score, distance = minimax(
            "".join(".XO"[(position.x >> c & 1) + 2 * (position.o >> c & 1)] for c in range(9))
        )
        assert value == Value(names[score], distance)  # type: ignore[arg-type]


def test_unfinished_positions_are_won_and_drawn_as_published() -> None:
    outcomes = Counter(solve()[position].outcome for position in PLAYABLE)
    assert len(PLAYABLE) == 4520
    assert outcomes == {"X": 2310, "O": 1158, "draw": 1052}


def test_in_a_draw_the_distance_is_the_empty_cells_left() -> None:
    drawn = [position for position in REACHABLE if solve()[position].outcome == "draw"]
    assert drawn
    assert all(solve()[position].distance == len(empty_cells(position)) for position in drawn)


def test_symmetric_positions_have_the_same_value() -> None:
    values = solve()
    assert all({values[image] for image in images(position)} == {values[position]} for position in REACHABLE)


@pytest.mark.parametrize(
    ("board", "drawing"),
    [("X........", [4]), (".X.......", [0, 2, 4, 7]), ("....X....", [0, 2, 6, 8])],
)
def test_o_draws_only_with_the_published_answers(board: str, drawing: list[int]) -> None:
    moves = values_of_moves(parse(board))
    assert [cell for cell, value in moves.items() if value.outcome == "draw"] == drawing
    assert {value.outcome for cell, value in moves.items() if cell not in drawing} == {"X"}


def test_classic_and_misere_are_drawn_from_the_start() -> None:
    assert solve()[EMPTY] == Value("draw", 9)
    assert solve(Variant(misere=True))[EMPTY] == Value("draw", 9)


@pytest.mark.parametrize("variant", [Variant(4, 3, 3), Variant(4, 4, 3)])
def test_the_first_player_wins_three_in_a_row_on_wider_boards(variant: Variant) -> None:
    assert can_force("X", variant)
    assert not can_force("O", variant)


@pytest.mark.parametrize("variant", SMALL, ids=str)
def test_the_second_player_never_wins_an_mnk_game(variant: Variant) -> None:
    assert not can_force("O", variant)


def test_the_proof_by_threats_agrees_with_the_whole_solution() -> None:
    for variant in (Variant(2, 2, 2), Variant(3, 2, 2), Variant(), Variant(4, 3, 3)):
        assert can_force("X", variant) == (solve(variant)[EMPTY].outcome == "X")


def test_a_proof_by_threats_is_refused_for_misere() -> None:
    with pytest.raises(ValueError, match="line wins"):
        can_force("X", Variant(misere=True))
