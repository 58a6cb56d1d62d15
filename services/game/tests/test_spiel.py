"""Rules and values against OpenSpiel, which knows nothing of ours."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from services.game.classic.rules import parse
from services.game.classic.solver import solve
from services.game.tests.walk import REACHABLE
from services.game.variants.levels import table_moves
from services.game.variants.rules import Board, ruleset
from services.game.variants.ultimate import cell_at
from shared.wire.tictactoe import VariantSpec

pyspiel = pytest.importorskip("pyspiel")
CLASSIC, ULTIMATE = VariantSpec(), VariantSpec("ultimate")
VALUES: dict[str, tuple[int, int]] = {}


def text_of(state: Any) -> str:
    """Nine characters as ours."""
    return "".join(str(state).split()).replace("x", "X").replace("o", "O")


def spiel_value(state: Any) -> tuple[int, int]:
    """Outcome for X and plies to the end, by OpenSpiel's own moves and returns."""
    text = text_of(state)
    if text not in VALUES:
        if state.is_terminal():
            VALUES[text] = int(state.returns()[0]), 0
        else:
            sign = -1 if state.current_player() else 1
            after = [spiel_value(state.child(action)) for action in state.legal_actions()]
            best = max(sign * value for value, _ in after)
            plies = [plies for value, plies in after if sign * value == best]
            VALUES[text] = sign * best, 1 + (max(plies) if best < 0 else min(plies))
    return VALUES[text]


def test_all_5478_positions_have_openspiels_values() -> None:
    spiel_value(pyspiel.load_game("tic_tac_toe").new_initial_state())
    assert len(VALUES) == len(REACHABLE) == 5478
    ours = solve()
    for text, (value, plies) in VALUES.items():
        assert ours[parse(text)] == ({1: "X", 0: "draw", -1: "O"}[value], plies)


def test_the_analysis_of_every_position_follows_openspiels_values() -> None:
    spiel_value(pyspiel.load_game("tic_tac_toe").new_initial_state())
    for text in list(VALUES)[::29]:
        board = Board(ruleset(CLASSIC).rules, parse(text))
        for move in table_moves(CLASSIC, board) if board.status == "playing" else ():
            value, _ = VALUES[board.play(move.cell).text]
            assert move.estimate == (value if board.turn == "X" else -value)


def spiel_cells(state: Any) -> dict[int, list[int]]:
    """Each legal cell with OpenSpiel's actions for it: where the small board is free it is chosen first."""
    first = state.legal_actions()
    if state.action_to_string(first[0]).startswith("Choose"):
        return {
            cell_at(board, spot): [board, spot]
            for board in first
            for spot in state.child(board).legal_actions()
        }
    board = int(state.action_to_string(first[0]).split()[2].rstrip(":"))
    return {cell_at(board, spot): [spot] for spot in first}


def test_ultimate_is_played_as_openspiel_plays_it() -> None:
    game, rng, results = pyspiel.load_game("ultimate_tic_tac_toe"), Random(11), Counter[str]()
    for _ in range(60):
        state, board = game.new_initial_state(), ruleset(ULTIMATE).empty
        while not state.is_terminal():
            cells = spiel_cells(state)
            assert board.legal == tuple(sorted(cells))
            cell = rng.choice(board.legal)
            board = board.play(cell)
            for action in cells[cell]:
                state.apply_action(action)
        assert board.status == {1: "X", 0: "draw", -1: "O"}[int(state.returns()[0])]
        results[board.status] += 1
    assert len(results) == 3  # each kind of end was seen
