"""The rules: positions, whose turn it is, what is won, which boards are impossible. Pure.

A position is two masks, one for each side. Text (`X`, `O`, `.` row by row) is read and written only here.
"""

from functools import lru_cache
from typing import NamedTuple

from services.game.errors import BadCharacter, BadLength, BothWon, CountsOff, Finished, MovedAfterWin
from services.game.geometry import CLASSIC, Variant
from shared.wire.tictactoe import Side, Status


class Position(NamedTuple):
    """The stones on the board: a mask for each side."""

    x: int
    o: int


EMPTY = Position(0, 0)


def other(player: Side) -> Side:
    """The opponent."""
    return "O" if player == "X" else "X"


def turn(position: Position) -> Side:
    """Whose turn it is, from the counts (X moves first)."""
    return "X" if position.x.bit_count() == position.o.bit_count() else "O"


def stones(position: Position, player: Side) -> int:
    """The mask of the cells `player` holds."""
    return position.x if player == "X" else position.o


def empty_cells(position: Position, variant: Variant = CLASSIC) -> list[int]:
    """The free cells, ascending; on an unfinished board these are the legal moves."""
    taken = position.x | position.o
    return [cell for cell in range(variant.cells) if not taken >> cell & 1]


def place(position: Position, player: Side, cell: int) -> Position:
    """The position with one more stone of `player` on a free cell."""
    if player == "X":
        return Position(position.x | 1 << cell, position.o)
    return Position(position.x, position.o | 1 << cell)


def has_line(mask: int, variant: Variant = CLASSIC) -> bool:
    """Whether these cells contain a line."""
    return any(mask & line == line for line in variant.masks)


def first_line(position: Position, variant: Variant = CLASSIC) -> tuple[int, ...] | None:
    """The first complete line in the order rows, columns, diagonals; None when there is none."""
    for cells, mask in zip(variant.lines, variant.masks, strict=True):
        if position.x & mask == mask or position.o & mask == mask:
            return cells
    return None


def status(position: Position, variant: Variant = CLASSIC) -> Status:
    """`playing`, the winner, or `draw`. In misère the side that completes a line loses."""
    for player in ("X", "O"):
        if has_line(stones(position, player), variant):
            return other(player) if variant.misere else player
    return "draw" if position.x | position.o == variant.full else "playing"


def winning_cells(position: Position, player: Side, variant: Variant = CLASSIC) -> list[int]:
    """The free cells that would complete a line of `player`, ascending."""
    mask = stones(position, player)
    return [
        cell
        for cell in empty_cells(position, variant)
        if any((mask | 1 << cell) & line == line for line in variant.masks_through[cell])
    ]


def to_text(position: Position, cells: int = CLASSIC.cells) -> str:
    """The board as characters, row by row."""
    return "".join(
        "X" if position.x >> cell & 1 else "O" if position.o >> cell & 1 else "." for cell in range(cells)
    )


def parse(text: str, variant: Variant = CLASSIC) -> Position:
    """The position a text shows, finished ones included.

    Raises BadLength, BadCharacter, CountsOff, BothWon, MovedAfterWin, checked in this order.
    """
    position = read(text, variant.cells)
    check_history(position, variant)
    return position


def read(text: str, cells: int) -> Position:
    """The stones a text shows, even if no game leads there. Raises BadLength, BadCharacter, CountsOff."""
    if len(text) != cells:
        raise BadLength(len(text), cells)
    x = o = 0
    for cell, character in enumerate(text):
        if character == "X":
            x |= 1 << cell
        elif character == "O":
            o |= 1 << cell
        elif character != ".":
            raise BadCharacter(cell, character)
    if x.bit_count() - o.bit_count() not in (0, 1):
        raise CountsOff(x.bit_count(), o.bit_count())
    return Position(x, o)


@lru_cache(maxsize=8192)
def parse_playable(text: str, variant: Variant = CLASSIC) -> Position:
    """As `parse`, but raises Finished if no move is left to make."""
    position = parse(text, variant)
    result = status(position, variant)
    if result != "playing":
        raise Finished(result)
    return position


def check_history(position: Position, variant: Variant) -> None:
    """Raises BothWon or MovedAfterWin if the lines on the board are impossible."""
    x_won, o_won = has_line(position.x, variant), has_line(position.o, variant)
    if x_won and o_won:
        raise BothWon
    if x_won and turn(position) == "X":
        raise MovedAfterWin("X")
    if o_won and turn(position) == "O":
        raise MovedAfterWin("O")
