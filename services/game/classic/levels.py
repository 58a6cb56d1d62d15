"""The levels of the AI. Pure: chance comes in as a `random.Random`."""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import get_args

from services.game.classic.reasons import REASONS, reason_of
from services.game.classic.rules import Position, empty_cells, other, place, turn, winning_cells
from services.game.classic.solver import Value, merit, solve
from shared.wire.tictactoe import Level

LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Skill:
    """The share of moves that are played perfectly, and what the level sees at the others."""

    foresight: float
    takes_win: float
    sees_threat: float


SKILLS: dict[Level, Skill] = {
    "easy": Skill(foresight=0.0, takes_win=0.5, sees_threat=0.2),
    "medium": Skill(foresight=0.2, takes_win=1.0, sees_threat=0.7),
    "hard": Skill(foresight=0.7, takes_win=1.0, sees_threat=1.0),
}


def choose(level: Level, position: Position, rng: Random) -> int:
    """The cell (0-8) a player of this level takes on an unfinished board.

    `perfect` uses no chance. The others play perfectly now and then; otherwise they take a win or parry a
    threat if they see it, or else take any free cell.
    """
    if level == "perfect":
        return perfect_cell(position)
    skill = SKILLS[level]
    if rng.random() < skill.foresight:
        return rng.choice(best_cells(position))
    player = turn(position)
    if rng.random() < skill.takes_win and (wins := winning_cells(position, player)):
        return rng.choice(wins)
    if rng.random() < skill.sees_threat and (threats := winning_cells(position, other(player))):
        return rng.choice(threats)
    return rng.choice(empty_cells(position))


@cache
def perfect_cell(position: Position) -> int:
    """Best outcome, then the fastest win or slowest loss, then the earlier reason, then the lowest cell."""
    return min(best_cells(position), key=lambda cell: (REASONS.index(reason_of(position, cell)), cell))


def best_cells(position: Position) -> list[int]:
    """The moves that share the highest merit, ascending."""
    player = turn(position)
    ranked = {cell: merit(value, player) for cell, value in values_of_moves(position).items()}
    top = max(ranked.values())
    return [cell for cell, rank in ranked.items() if rank == top]


def values_of_moves(position: Position) -> dict[int, Value]:
    """For each legal move, ascending, the value of the board it leaves."""
    values, player = solve(), turn(position)
    return {cell: values[place(position, player, cell)] for cell in empty_cells(position)}
