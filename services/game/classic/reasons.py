"""Why a 3×3 move is worth making, in the order in which a careful player looks. Pure."""

from typing import get_args

from services.game.classic.rules import Position, has_line, other, place, stones, turn, winning_cells
from shared.wire.tictactoe import Reason

REASONS: tuple[Reason, ...] = get_args(Reason)

_CENTRE = 4
_OPPOSITE = {0: 8, 2: 6, 6: 2, 8: 0}


def reason_of(position: Position, cell: int) -> Reason:
    """The first of `REASONS` that is true of the side to move taking the free `cell`.

    fork: the mover then has two or more cells that would win; block-fork: the opponent would have, by moving
    there instead. Cells that were winning before count too: all that matters is what is left afterwards.
    """
    player = turn(position)
    mine, theirs = place(position, player, cell), place(position, other(player), cell)
    if has_line(stones(mine, player)):
        return "win"
    if has_line(stones(theirs, other(player))):
        return "block"
    if len(winning_cells(mine, player)) > 1:
        return "fork"
    if len(winning_cells(theirs, other(player))) > 1:
        return "block-fork"
    if cell == _CENTRE:
        return "centre"
    if cell not in _OPPOSITE:
        return "side"
    return "opposite-corner" if stones(position, other(player)) >> _OPPOSITE[cell] & 1 else "corner"
