"""What the engine found, as the contract's answers for misère, m,n,k and ultimate. Pure."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from services.game.classic.rules import other
from services.game.errors import NotOnTurn
from services.game.native.question import DISTANCE, OUTCOME, WIN, Found
from services.game.variants.reasons import in_words, motive
from services.game.variants.rules import Board, ruleset
from shared.wire.tictactoe import Analysis, Asked, MoveAnalysed, MoveMade, MoveValue, Outcome, VariantSpec


def board_of(asked: Asked) -> Board:
    """The unfinished board asked about. Raises BadVariant, BadBoard, BadLast, NotOnTurn."""
    board = ruleset(asked.spec).parse(asked.board, None if asked.last is UNSET else asked.last)
    if asked.player is not UNSET and asked.player != board.turn:
        raise NotOnTurn(asked.player)
    return board


def made(spec: VariantSpec, board: Board, move: Found, found: Sequence[Found]) -> MoveMade:
    """The answer for `move`, one of what was found."""
    after = board.play(move.cell)
    line = after.line
    known = [_value_of(board, each) for each in sorted(found, key=lambda each: each.cell)]
    return MoveMade(
        cell=move.cell,
        player=board.turn,
        board=after.text,
        status=after.status,
        line=UNSET if line is None else list(line),
        reason=motive(spec, board, move.cell),
        moves=[MoveValue(*value) for value in known if value is not None],
        **_worth(board, move),
    )


def analysis(spec: VariantSpec, board: Board, found: Sequence[Found]) -> Analysis:
    """The answer for a position; found: every legal move, best first."""
    best = found[0]
    settled = all(move.known >= OUTCOME for move in found) or (best.known >= OUTCOME and best.estimate > 0)
    worth = _worth(board, best) if settled else {"exact": False, "value": _estimate(best)}
    if "distance" in worth:
        worth["distance"] += 1
    moves = []
    for move in sorted(found, key=lambda each: each.cell):
        reason = motive(spec, board, move.cell)
        moves.append(
            MoveAnalysed(
                cell=move.cell,
                variation=move.line,
                reason=reason,
                words=in_words(reason, board),
                **_worth(board, move),
            )
        )
    return Analysis(player=board.turn, best=best.cell, moves=moves, **worth)


def _worth(board: Board, move: Found) -> dict[str, Any]:
    if move.known < OUTCOME:
        return {"exact": False, "value": _estimate(move)}
    worth: dict[str, Any] = {"outcome": _outcome(board, move), "exact": True, "value": move.estimate}
    if (value := _value_of(board, move)) is not None:
        worth["distance"] = value[2]
    return worth


def _value_of(board: Board, move: Found) -> tuple[int, Outcome, int] | None:
    """Cell, outcome and distance, where all are known."""
    if move.known < DISTANCE:
        return None
    left = board.text.count(".") - 1
    return move.cell, _outcome(board, move), WIN - abs(move.score) - 1 if move.estimate else left


def _outcome(board: Board, move: Found) -> Outcome:
    if not move.estimate:
        return "draw"
    return board.turn if move.estimate > 0 else other(board.turn)


def _estimate(move: Found) -> float:
    return round(min(0.999, max(-0.999, move.estimate)), 3)
