"""Ultimate tic-tac-toe: nine boards in a board. Pure.

Taking a cell sends the opponent to the small board at that place; if that one is decided or full, the opponent may play
on any other. Three small boards in a line win. Cells are those of the 9×9 grid, row by row.
"""

from functools import lru_cache
from typing import NamedTuple

from services.game.classic.rules import Position, turn
from services.game.errors import BothWon, MovedAfterWin, MovedOnDecided
from services.game.geometry import CLASSIC
from shared.wire.tictactoe import Side, Status

BOARDS = 9
CELLS = 81
SIDES: tuple[Side, ...] = ("X", "O")
_FULL = 0b111_111_111


def board_of(cell: int) -> int:
    """The small board (0-8, row by row) that a cell of the grid lies on."""
    return cell // 27 * 3 + cell % 9 // 3


def place_of(cell: int) -> int:
    """Where on its small board (0-8) a cell of the grid lies, which is also where it sends to."""
    return cell // 9 % 3 * 3 + cell % 3


def cell_at(board: int, spot: int) -> int:
    """The cell of the grid at `spot` (0-8) of a small board (0-8)."""
    return (board // 3 * 3 + spot // 3) * 9 + board % 3 * 3 + spot % 3


CELLS_OF = tuple(tuple(cell_at(board, spot) for spot in range(9)) for board in range(BOARDS))


class Small(NamedTuple):
    """One small board: a mask of nine bits a side."""

    x: int
    o: int

    @property
    def winner(self) -> Side | None:
        """Who has a line."""
        return "X" if _lines(self.x) else "O" if _lines(self.o) else None

    @property
    def decided(self) -> bool:
        """Won or full, so nobody plays here any more."""
        return self.winner is not None or self.x | self.o == _FULL


@lru_cache(maxsize=4096)
def smalls(position: Position) -> tuple[Small, ...]:
    """The nine small boards."""
    return tuple(
        Small(
            sum((position.x >> cell & 1) << spot for spot, cell in enumerate(cells)),
            sum((position.o >> cell & 1) << spot for spot, cell in enumerate(cells)),
        )
        for cells in CELLS_OF
    )


def won_boards(position: Position, player: Side) -> int:
    """The mask of the small boards that `player` has won."""
    return sum((small.winner == player) << board for board, small in enumerate(smalls(position)))


class UltimateRules:
    """See `ruleset.Rules`."""

    cells = CELLS

    def sent_to(self, position: Position, last: int | None) -> int | None:
        """The small board that must be played on; None where any open one will do."""
        if last is None or smalls(position)[place_of(last)].decided:
            return None
        return place_of(last)

    def legal(self, position: Position, last: int | None) -> tuple[int, ...]:
        """The cells that may be taken, ascending."""
        sent, taken = self.sent_to(position, last), position.x | position.o
        boards = range(BOARDS) if sent is None else (sent,)
        open_boards = [board for board in boards if not smalls(position)[board].decided]
        return tuple(sorted(c for board in open_boards for c in CELLS_OF[board] if not taken >> c & 1))

    def status(self, position: Position, last: int | None) -> Status:
        """`playing`, the winner, or `draw` when every small board is decided."""
        for player in SIDES:
            if _lines(won_boards(position, player)):
                return player
        return "draw" if all(small.decided for small in smalls(position)) else "playing"

    def line(self, position: Position) -> tuple[int, ...] | None:
        """The nine cells of the three lines that won the three small boards; None while nobody has won."""
        for player in SIDES:
            for boards in _lines(won_boards(position, player))[:1]:
                return tuple(sorted(c for board in boards for c in _winning_cells(position, board, player)))
        return None

    def check(self, position: Position) -> None:
        """Raises BothWon, MovedAfterWin or MovedOnDecided for a board to which no order of moves leads."""
        for board, small in enumerate(smalls(position)):
            if _lines(small.x) and _lines(small.o):
                raise MovedOnDecided(board)
            if not _by_one_stone(small.x) or not _by_one_stone(small.o):
                raise MovedOnDecided(board)
        winners = [player for player in SIDES if _lines(won_boards(position, player))]
        if len(winners) > 1:
            raise BothWon
        if winners and turn(position) == winners[0]:
            raise MovedAfterWin(winners[0])


RULES = UltimateRules()


def has_line(mask: int) -> bool:
    """Whether nine bits contain a line of three."""
    return bool(_lines(mask))


def _lines(mask: int) -> list[tuple[int, ...]]:
    """The lines of three in nine bits."""
    return [line for line, cells in zip(CLASSIC.lines, CLASSIC.masks, strict=True) if mask & cells == cells]


def _by_one_stone(mask: int) -> bool:
    """Whether all lines share a cell, so that one stone completed them."""
    shared = _FULL
    for line in _lines(mask):
        shared &= sum(1 << spot for spot in line)
    return bool(shared)


def _winning_cells(position: Position, board: int, player: Side) -> list[int]:
    small = smalls(position)[board]
    line = _lines(small.x if player == "X" else small.o)[0]
    return [CELLS_OF[board][spot] for spot in line]
