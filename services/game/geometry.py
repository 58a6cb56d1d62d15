"""The geometry of a board: m columns, n rows, k in a row; in misère a line loses. Pure."""

from dataclasses import dataclass
from functools import cached_property

# Right, down, down-right, down-left: for 3×3 this gives rows, columns, diagonals, the order of `line`.
_DIRECTIONS = ((1, 0), (0, 1), (1, 1), (-1, 1))


@dataclass(frozen=True, slots=False)
class Variant:
    """An m,n,k game. Cells are numbered row by row from 0; cell i is bit i of a mask."""

    columns: int = 3
    rows: int = 3
    k: int = 3
    misere: bool = False

    @cached_property
    def cells(self) -> int:
        """How many cells the board has."""
        return self.columns * self.rows

    @cached_property
    def full(self) -> int:
        """The mask of every cell."""
        return (1 << self.cells) - 1

    @cached_property
    def lines(self) -> tuple[tuple[int, ...], ...]:
        """Every winning line as k ascending cells: rows first, then columns, then diagonals."""
        return tuple(
            line
            for dx, dy in _DIRECTIONS
            for y in range(self.rows)
            for x in range(self.columns)
            if (line := self._line(x, y, dx, dy))
        )

    @cached_property
    def masks(self) -> tuple[int, ...]:
        """The winning lines as masks, in the order of `lines`."""
        return tuple(sum(1 << cell for cell in line) for line in self.lines)

    @cached_property
    def masks_through(self) -> tuple[tuple[int, ...], ...]:
        """For each cell the masks of the lines that contain it."""
        return tuple(tuple(mask for mask in self.masks if mask >> cell & 1) for cell in range(self.cells))

    def _line(self, x: int, y: int, dx: int, dy: int) -> tuple[int, ...]:
        end_x, end_y = x + dx * (self.k - 1), y + dy * (self.k - 1)
        if not (0 <= end_x < self.columns and end_y < self.rows):
            return ()
        return tuple((y + dy * i) * self.columns + x + dx * i for i in range(self.k))


CLASSIC = Variant()
