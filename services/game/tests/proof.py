"""Who wins an m,n,k game, proved by threats. Written independently of the solver, which it is compared with."""

from services.game.classic.rules import EMPTY, Position, empty_cells, other, place, turn, winning_cells
from services.game.geometry import Variant
from shared.wire.tictactoe import Side


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
