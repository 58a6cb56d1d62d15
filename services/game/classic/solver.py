"""Exact play: the outcome of every position and how far away it is. Pure.

Small boards are solved whole (`solve`, 5,478 positions for 3×3); for larger ones `can_force` proves
who wins by searching only until the proof stands.
"""

from functools import cache
from typing import NamedTuple

from services.game.classic.rules import (
    EMPTY,
    Position,
    empty_cells,
    other,
    place,
    status,
    turn,
    winning_cells,
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

    Walks all of them: meant for boards up to 3×4. Takes some 50 ms for 3×3, once.
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


def can_force(player: Side, variant: Variant) -> bool:
    """Whether `player` wins from the empty board against any defence.

    Not for misère: forced answers (win now, else block) only hold where a line is the prize.
    """
    if variant.misere:
        raise ValueError("threat search needs a game that a line wins")
    known: dict[Position, bool] = {}

    def wins(position: Position) -> bool:
        found = known.get(position)
        if found is None:
            found = known[position] = search(position)
        return found

    def search(position: Position) -> bool:
        mover = turn(position)
        if winning_cells(position, mover, variant):
            return mover == player
        threats = winning_cells(position, other(mover), variant)
        if len(threats) > 1:
            return mover != player
        moves = threats or empty_cells(position, variant)
        if not moves:
            return False
        results = (wins(place(position, mover, cell)) for cell in moves)
        return any(results) if mover == player else all(results)

    return wins(EMPTY)
