"""Each reason by its definition in the contract, on chosen boards and over all moves."""

from collections import Counter

import pytest

from services.game.classic.reasons import REASONS, reason_of
from services.game.classic.rules import empty_cells, parse, to_text
from services.game.tests.walk import PLAYABLE
from shared.wire.tictactoe import Reason

_LINES = ("012", "345", "678", "036", "147", "258", "048", "246")

CASES: list[tuple[str, int, Reason]] = [
    ("XX.OO....", 2, "win"),  # blocks nothing and is a win first
    ("XX.OO....", 5, "block"),
    ("XX..O....", 2, "block"),
    ("X...O...X", 1, "side"),  # the only drawing idea, and yet none of the earlier reasons
    ("X...O...X", 2, "block-fork"),
    ("X.O.....X", 6, "block-fork"),
    ("XO..X...O", 3, "fork"),
    ("XO..X...O", 6, "fork"),
    (".........", 4, "centre"),
    (".........", 0, "corner"),
    (".........", 1, "side"),
    ("X........", 4, "centre"),
    ("X........", 8, "opposite-corner"),
    ("X........", 2, "corner"),
    ("X...O....", 8, "corner"),
    ("XO.......", 3, "side"),
]


@pytest.mark.parametrize(("board", "cell", "reason"), CASES)
def test_a_move_has_the_first_reason_that_is_true_of_it(board: str, cell: int, reason: Reason) -> None:
    assert reason_of(parse(board), cell) == reason


def test_every_legal_move_has_the_reason_the_contract_spells_out() -> None:
    seen = Counter[str]()
    for position in PLAYABLE:
        board = to_text(position)
        for cell in empty_cells(position):
            reason = reason_of(position, cell)
            assert reason == spelled_out(board, cell), (board, cell)
            seen[reason] += 1
    assert set(seen) == set(REASONS[: REASONS.index("side") + 1])  # those after it are of the larger games


def spelled_out(board: str, cell: int) -> str:
    """The contract's list, word for word on strings; shares no code with the service."""
    mover, opponent = ("X", "O") if board.count("X") == board.count("O") else ("O", "X")
    mine = board[:cell] + mover + board[cell + 1 :]
    theirs = board[:cell] + opponent + board[cell + 1 :]
    truths = {
        "win": _won(mine, mover),
        "block": _won(theirs, opponent),
        "fork": _winning(mine, mover) >= 2,
        "block-fork": _winning(theirs, opponent) >= 2,
        "centre": cell == 4,
        "opposite-corner": cell in (0, 2, 6, 8) and board[8 - cell] == opponent,
        "corner": cell in (0, 2, 6, 8),
        "side": True,
    }
    return next(reason for reason, true in truths.items() if true)


def _won(board: str, player: str) -> bool:
    return any(all(board[int(cell)] == player for cell in line) for line in _LINES)


def _winning(board: str, player: str) -> int:
    return sum(
        stone == "." and _won(board[:cell] + player + board[cell + 1 :], player)
        for cell, stone in enumerate(board)
    )
