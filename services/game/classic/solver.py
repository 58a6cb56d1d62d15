"""Exact play on small boards: the outcome of every position and how far away it is. Pure."""

from functools import cache
from typing import NamedTuple

from services.game.classic.rules import (
    EMPTY,
    Position,
    empty_cells,
    place,
    status,
    turn,
)
from services.game.geometry import CLASSIC, Variant
from shared.wire.tictactoe import Outcome, Side


class Value(NamedTuple):
    """The end under perfect play, and the plies until it (in a draw: the empty cells)."""

    outcome: Outcome
    distance: int


def merit(value: Value, player: Side) -> tuple[int, int]:
    """A key to rank values for `player`, larger is better: the fastest win, then a draw, then the slowest loss."""
    if value.outcome == "draw":
        return 0, 0
    return (1, -value.distance) if value.outcome == player else (-1, value.distance)


@cache
def solve(variant: Variant = CLASSIC) -> dict[Position, Value]:
    """The value of each reachable position, finished ones included (distance 0).

    Walks all of them, so it is meant for boards up to 3×4. For 3×3 it takes some 50 ms, once.
    """
    values: dict[Position, Value] = {}

    def visit(position: Position) -> Value:
        known = values.get(position)
        if known is None:
            known = values[position] = judge(position)
        return known

    def judge(position: Position) -> Value:
        result = status(position, variant)
        if result != "playing":
            return Value(result, 0)
        player = turn(position)
        after = [visit(place(position, player, cell)) for cell in empty_cells(position, variant)]
        best = max(after, key=lambda value: merit(value, player))
        return Value(best.outcome, best.distance + 1)

    visit(EMPTY)
    return values
