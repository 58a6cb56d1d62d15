"""The AI at tic-tac-toe and its larger relatives: what is asked and what is answered."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.wire.body import Body

Side = Literal["X", "O"]
Outcome = Literal["X", "O", "draw"]
Status = Literal["playing", "X", "O", "draw"]
Level = Literal["easy", "medium", "hard", "perfect"]
VariantName = Literal["classic", "misere", "mnk", "ultimate"]
Reason = Literal[
    "win",
    "block",
    "fork",
    "block-fork",
    "centre",
    "opposite-corner",
    "corner",
    "side",
    "lose",
    "trap",
    "win-board",
    "block-board",
    "force",
    "build",
    "hinder",
    "open",
]
MAX_SIDE = 15
MAX_POSITIONS = 64
MAX_TIME_LIMIT_MS = 2000
Size = Annotated[int, Meta(ge=1, le=MAX_SIDE)]
Cell = Annotated[int, Meta(ge=0, le=MAX_SIDE * MAX_SIDE - 1)]
Plies = Annotated[int, Meta(ge=0, le=MAX_SIDE * MAX_SIDE)]
Worth = Annotated[float, Meta(ge=-1, le=1)]
# Only described here: the rules look at each character themselves, to say which one is wrong.
Board = Annotated[str, Meta(extra_json_schema={"pattern": "^[XO.]{1,225}$"}, examples=["X...O...."])]


class VariantSpec(Body, frozen=True):
    """Which game. classic, misere (whoever completes a line loses): 3×3. ultimate: a 9×9 grid of nine boards.

    m columns, n rows, k in a row: given for `mnk`, and only there. Cells are numbered row by row over the whole
    grid, from 0, in every variant.
    """

    variant: VariantName = "classic"
    m: Size | UnsetType = UNSET
    n: Size | UnsetType = UNSET
    k: Size | UnsetType = UNSET


class Asked(VariantSpec, frozen=True, kw_only=True):
    """A position. board: row by row, X first. player: must be the one on turn.

    last: the cell taken last, which in ultimate says where to play; left out on an empty board. seed: the same
    question with it gets the same answer (the search is then bounded by positions looked at, not by time).
    """

    board: Board
    player: Side | UnsetType = UNSET
    last: Cell | UnsetType = UNSET
    seed: Annotated[int, Meta(ge=0, le=2**53 - 1)] | UnsetType = UNSET
    time_limit_ms: Annotated[int, Meta(ge=10, le=MAX_TIME_LIMIT_MS)] = 1000

    @property
    def spec(self) -> VariantSpec:
        """The variant alone."""
        return VariantSpec(self.variant, self.m, self.n, self.k)


class AskMove(Asked, frozen=True, kw_only=True):
    """POST /api/tictactoe/move: a move by the AI at this level."""

    level: Level = "perfect"


class AskMoves(Body, frozen=True):
    """POST /api/tictactoe/moves, for bots. Searches that would take more than 3 s together are each cut short."""

    positions: Annotated[list[AskMove], Meta(min_length=1, max_length=MAX_POSITIONS)]


class AskAnalysis(Asked, frozen=True, kw_only=True):
    """POST /api/tictactoe/analyse: everything there is to say about a position."""


class MoveValue(msgspec.Struct, frozen=True):
    """A legal move. outcome, distance: the end under perfect play and the plies from the board it leaves."""

    cell: Cell
    outcome: Outcome
    distance: Plies


class MoveMade(msgspec.Struct, frozen=True, kw_only=True):
    """The AI's move. board, status, outcome, distance: after it. line: the cells that won, ascending.

    exact: outcome and distance are proven; else both are left out. distance: plies to the end under perfect play,
    in a draw the empty cells. value: what the mover may expect, 1 won, 0 drawn, -1 lost; an estimate unless exact.
    moves: the legal ones whose end is proven, by cell; in classic and misere all of them.
    """

    cell: Cell
    player: Side
    board: Board
    status: Status
    line: list[Cell] | UnsetType = UNSET
    outcome: Outcome | UnsetType = UNSET
    distance: Plies | UnsetType = UNSET
    reason: Reason
    moves: list[MoveValue]
    exact: bool
    value: Worth


class MovesMade(msgspec.Struct, frozen=True):
    """In the order of the positions."""

    moves: list[MoveMade]


class MoveAnalysed(msgspec.Struct, frozen=True, kw_only=True):
    """A legal move, as in MoveMade. variation: how the game may go on, with this move first. words: the reason."""

    cell: Cell
    outcome: Outcome | UnsetType = UNSET
    distance: Plies | UnsetType = UNSET
    exact: bool
    value: Worth
    variation: list[Cell]
    reason: Reason
    words: str


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """best: the cell that `perfect` takes. outcome, distance, value: of the position, for `player`, who is to move.

    distance: plies from the board asked about. moves: every legal one, by cell.
    """

    player: Side
    best: Cell
    outcome: Outcome | UnsetType = UNSET
    distance: Plies | UnsetType = UNSET
    exact: bool
    value: Worth
    moves: list[MoveAnalysed]
