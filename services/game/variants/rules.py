"""The rules of every variant behind one interface: whose turn it is, what is legal, what a move leads to. Pure.

board = ruleset(spec).replay([40, 30])
board.turn, board.legal, board.play(0).status
"""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Protocol

from services.game.classic import rules as tictactoe
from services.game.classic.rules import EMPTY, Position, other, place, stones, turn
from services.game.errors import BadLast, Finished, GameOver, OffBoard, Taken, WrongBoard
from services.game.geometry import Variant
from services.game.variants import ultimate
from services.game.variants.spec import check, variant_of
from shared.wire.tictactoe import Side, Status, VariantSpec


class Rules(Protocol):
    """What differs between variants. last: the cell taken last, None on the empty board."""

    @property
    def cells(self) -> int: ...
    def legal(self, position: Position, last: int | None) -> tuple[int, ...]: ...
    def sent_to(self, position: Position, last: int | None) -> int | None: ...
    def status(self, position: Position, last: int | None) -> Status: ...
    def line(self, position: Position) -> tuple[int, ...] | None: ...
    def check(self, position: Position) -> None: ...


@dataclass(frozen=True)
class Board:
    """The stones on the board, and how the game goes on from there. moves: the cells taken, if they are known."""

    rules: Rules
    position: Position = EMPTY
    last: int | None = None
    moves: tuple[int, ...] = field(default=(), compare=False)

    @property
    def turn(self) -> Side:
        """Whose turn it is; X begins."""
        return turn(self.position)

    @property
    def ply(self) -> int:
        """How many moves were made."""
        return (self.position.x | self.position.o).bit_count()

    @cached_property
    def status(self) -> Status:
        """`playing`, the winner, or `draw`."""
        return self.rules.status(self.position, self.last)

    @cached_property
    def legal(self) -> tuple[int, ...]:
        """The cells that may be taken, ascending; none when the game is over."""
        return self.rules.legal(self.position, self.last) if self.status == "playing" else ()

    @property
    def line(self) -> tuple[int, ...] | None:
        """The cells that decided the game, ascending; in misère those that lost it. None while there are none."""
        return self.rules.line(self.position)

    @property
    def text(self) -> str:
        """`X`, `O` and `.`, row by row over the whole grid."""
        return tictactoe.to_text(self.position, self.rules.cells)

    def play(self, cell: int) -> "Board":
        """The board after the side on turn took `cell`. Raises OffBoard, GameOver, Taken, WrongBoard."""
        if not 0 <= cell < self.rules.cells:
            raise OffBoard(self.ply, cell, self.rules.cells)
        if self.status != "playing":
            raise GameOver(self.ply, cell)
        if (self.position.x | self.position.o) >> cell & 1:
            raise Taken(self.ply, cell)
        if cell not in self.legal:
            raise WrongBoard(self.ply, cell, self.rules.sent_to(self.position, self.last))
        return Board(self.rules, place(self.position, self.turn, cell), cell, (*self.moves, cell))


@dataclass(frozen=True)
class Ruleset:
    """One variant."""

    spec: VariantSpec
    rules: Rules

    @property
    def empty(self) -> Board:
        """The board at the start."""
        return Board(self.rules)

    def replay(self, moves: list[int] | tuple[int, ...]) -> Board:
        """The board after these cells were taken in turn. Raises IllegalMove, whose `ply` says which one."""
        board = self.empty
        for cell in moves:
            board = board.play(cell)
        return board

    def parse(self, text: str, last: int | None = None) -> Board:
        """The unfinished board that a text shows. Raises BadBoard; BadLast if `last` is missing or impossible."""
        position = tictactoe.read(text, self.rules.cells)
        self.rules.check(position)
        if (result := self.rules.status(position, None)) != "playing":
            raise Finished(result)
        _check_last(position, last, needed=self.spec.variant == "ultimate")
        return Board(self.rules, position, last)


@lru_cache(maxsize=1024)
def ruleset(spec: VariantSpec) -> Ruleset:
    """The rules of a variant. Raises BadVariant, which names the field."""
    check(spec)
    return Ruleset(spec, ultimate.RULES if spec.variant == "ultimate" else LineRules(variant_of(spec)))


@dataclass(frozen=True)
class LineRules:
    """classic, misere and mnk: any free cell may be taken until somebody has a line."""

    variant: Variant

    @property
    def cells(self) -> int:
        return self.variant.cells

    def legal(self, position: Position, last: int | None) -> tuple[int, ...]:
        return tuple(tictactoe.empty_cells(position, self.variant))

    def sent_to(self, position: Position, last: int | None) -> int | None:
        return None

    def status(self, position: Position, last: int | None) -> Status:
        if last is None:
            return tictactoe.status(position, self.variant)
        mover = other(turn(position))
        mask = stones(position, mover)
        if any(mask & line == line for line in self.variant.masks_through[last]):
            return other(mover) if self.variant.misere else mover
        return "draw" if position.x | position.o == self.variant.full else "playing"

    def line(self, position: Position) -> tuple[int, ...] | None:
        return tictactoe.first_line(position, self.variant)

    def check(self, position: Position) -> None:
        tictactoe.check_history(position, self.variant)


def _check_last(position: Position, last: int | None, *, needed: bool) -> None:
    if position == EMPTY:
        if last is not None:
            raise BadLast("Nobody has moved yet, so there is no last move.")
    elif last is None:
        if needed:
            raise BadLast("Say which cell was taken last: it decides on which board to play.")
    elif not stones(position, other(turn(position))) >> last & 1:
        raise BadLast(f"Cell {last} does not hold a stone of {other(turn(position))}, who moved last.")
