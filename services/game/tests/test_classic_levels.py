"""The levels: how each chooses, and that each really beats the one below."""

from pathlib import Path
from random import Random

import pytest

from services.game.classic.levels import LEVELS, best_cells, choose, perfect_cell, values_of_moves
from services.game.classic.reasons import REASONS, reason_of
from services.game.classic.rules import (
    EMPTY,
    Position,
    empty_cells,
    parse,
    place,
    status,
    turn,
    winning_cells,
)
from services.game.classic.tournament import match, table
from services.game.tests.walk import PLAYABLE
from shared.wire.tictactoe import Level


def test_perfect_takes_the_first_by_outcome_then_speed_then_reason_then_cell() -> None:
    for position in PLAYABLE:
        player = turn(position)

        def order(cell: int, position: Position = position, player: str = player) -> tuple[int, ...]:
            value = values_of_moves(position)[cell]
            won, lost = value.outcome == player, value.outcome not in (player, "draw")
            pace = value.distance if won else -value.distance if lost else 0
            return (lost - won, pace, REASONS.index(reason_of(position, cell)), cell)

        assert perfect_cell(position) == min(empty_cells(position), key=order)


def test_perfect_opens_in_the_centre_and_answers_a_corner_there() -> None:
    assert perfect_cell(EMPTY) == 4
    assert perfect_cell(parse("X........")) == 4


def test_perfect_prefers_the_fastest_win_and_the_slowest_loss() -> None:
    assert perfect_cell(parse("XX.OO....")) == 2
    lost = parse("XO..X....")  # whatever O does X forks; the block at 8 holds out longest
    assert {value.outcome for value in values_of_moves(lost).values()} == {"X"}
    assert perfect_cell(lost) == 8


@pytest.mark.parametrize("side", ["X", "O"])
def test_perfect_never_loses_a_game_whatever_the_other_side_does(side: str) -> None:
    results, seen, pending = set(), {EMPTY}, [EMPTY]
    while pending:
        position = pending.pop()
        if (result := status(position)) != "playing":
            results.add(result)
            continue
        player = turn(position)
        cells = [perfect_cell(position)] if player == side else empty_cells(position)
        fresh = {place(position, player, cell) for cell in cells} - seen
        seen |= fresh
        pending.extend(fresh)
    assert results == {side, "draw"}


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_plays_only_legal_moves_on_every_board(level: Level) -> None:
    rng = Random(3)
    assert all(choose(level, position, rng) in empty_cells(position) for position in PLAYABLE)


@pytest.mark.parametrize("level", LEVELS)
def test_the_same_seed_gives_the_same_moves(level: Level) -> None:
    first = [choose(level, position, Random(position.x)) for position in PLAYABLE[:300]]
    assert first == [choose(level, position, Random(position.x)) for position in PLAYABLE[:300]]


def test_only_perfect_is_the_same_for_every_seed() -> None:
    varies = {level: len({choose(level, EMPTY, Random(seed)) for seed in range(60)}) > 1 for level in LEVELS}
    assert varies == {"easy": True, "medium": True, "hard": True, "perfect": False}


def test_medium_and_hard_never_leave_a_win_on_the_board() -> None:
    rng = Random(5)
    for position in PLAYABLE:
        wins = winning_cells(position, turn(position))
        if wins:
            assert choose("medium", position, rng) in wins
            assert choose("hard", position, rng) in wins


def test_hard_always_parries_a_threat_where_that_saves_the_game() -> None:
    rng = Random(7)
    for position in PLAYABLE:
        player = turn(position)
        threats = winning_cells(position, "O" if player == "X" else "X")
        if len(threats) == 1 and not winning_cells(position, player):
            cell = choose("hard", position, rng)
            assert cell in threats or cell in best_cells(position)


@pytest.mark.parametrize(
    ("stronger", "weaker", "margin"),
    [("medium", "easy", 0.4), ("hard", "medium", 0.3), ("perfect", "hard", 0.1)],
)
def test_each_level_beats_the_one_below_over_many_games(
    stronger: Level, weaker: Level, margin: float
) -> None:
    for seed in (1, 2, 3):
        assert match(stronger, weaker, games=1000, seed=seed).margin > margin


def test_perfect_loses_no_game_of_a_tournament() -> None:
    assert all(match("perfect", level, games=500, seed=11).losses == 0 for level in LEVELS)


def test_a_match_is_reproduced_by_its_seed() -> None:
    assert match("hard", "easy", 100, seed=9) == match("hard", "easy", 100, seed=9)
    assert match("hard", "easy", 100, seed=9) != match("hard", "easy", 100, seed=10)


def test_the_table_in_the_documentation_is_what_the_tournament_gives() -> None:
    assert table() in (Path(__file__).parents[3] / "docs" / "game.md").read_text(encoding="utf-8")
