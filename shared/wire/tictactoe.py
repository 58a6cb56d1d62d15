"""The AI move: what is asked and what is answered."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.wire.http import Body

Side = Literal["X", "O"]
Outcome = Literal["X", "O", "draw"]
Status = Literal["playing", "X", "O", "draw"]
Level = Literal["easy", "medium", "hard", "perfect"]
Reason = Literal["win", "block", "fork", "block-fork", "centre", "opposite-corner", "corner", "side"]
Cell = Annotated[int, Meta(ge=0, le=8)]
Line = Annotated[tuple[Cell, ...], Meta(min_length=3, max_length=3)]
# Only described here: the rules look at each character themselves, to say which one is wrong.
Board = Annotated[str, Meta(extra_json_schema={"pattern": "^[XO.]{9}$"}, examples=["X...O...."])]


class VariantSpec(Body, frozen=True):
    """Which game. m columns, n rows, k in a row: given for `mnk` only. misere: who completes a line loses."""

    variant: Literal["classic", "misere", "mnk", "ultimate"] = "classic"
    m: Annotated[int, Meta(ge=1, le=15)] | UnsetType = UNSET
    n: Annotated[int, Meta(ge=1, le=15)] | UnsetType = UNSET
    k: Annotated[int, Meta(ge=1, le=15)] | UnsetType = UNSET


class AskMove(Body, frozen=True):
    """POST /api/tictactoe/move. board: row by row, X first. player: must be the one on turn."""

    board: Board
    player: Side | UnsetType = UNSET
    level: Level = "perfect"


class MoveValue(msgspec.Struct, frozen=True):
    """A legal move. outcome, distance: the end under perfect play and the plies from the board it leaves."""

    cell: Cell
    outcome: Outcome
    distance: Annotated[int, Meta(ge=0, le=8)]


class MoveMade(msgspec.Struct, frozen=True, kw_only=True):
    """The AI's move. board, status, outcome, distance: after it; line: what won, three ascending cells.

    distance: plies to the end under perfect play, in a draw the empty cells. moves: every legal one, by cell.
    """

    cell: Cell
    player: Side
    board: Board
    status: Status
    line: Line | UnsetType = UNSET
    outcome: Outcome
    distance: Annotated[int, Meta(ge=0, le=8)]
    reason: Reason
    moves: list[MoveValue]
