"""The AI's move, as the contract's answer. Pure: chance comes in as a `random.Random`."""

from functools import lru_cache
from random import Random

from msgspec import UNSET

from services.game.classic.levels import choose, values_of_moves
from services.game.classic.reasons import reason_of
from services.game.classic.rules import Position, first_line, parse_playable, place, status, to_text, turn
from services.game.errors import NotOnTurn
from services.game.variants.answers import board_of
from shared.wire import codec
from shared.wire.tictactoe import AskMove, MoveMade, MoveValue, VariantSpec

CLASSIC_SPEC = VariantSpec()


def answer(asked: AskMove, rng: Random) -> bytes:
    """The encoded MoveMade for a classic board, at a level. Raises BadBoard, NotOnTurn, BadVariant, BadLast."""
    if asked.last is not UNSET or asked.spec != CLASSIC_SPEC:
        board_of(asked)
    position = parse_playable(asked.board)
    if asked.player is not UNSET and asked.player != turn(position):
        raise NotOnTurn(asked.player)
    return encoded(position, choose(asked.level, position, rng))


# 16,167 moves are legal on all boards together, so nothing is ever dropped.
@lru_cache(maxsize=20_000)
def encoded(position: Position, cell: int) -> bytes:
    """The JSON of `describe`."""
    return codec.encode(describe(position, cell))


def describe(position: Position, cell: int) -> MoveMade:
    """What the side to move gets by taking `cell`, and what every other legal move would have got."""
    player, values = turn(position), values_of_moves(position)
    after = place(position, player, cell)
    line, outcome = first_line(after), values[cell].outcome
    return MoveMade(
        cell=cell,
        player=player,
        board=to_text(after),
        status=status(after),
        line=UNSET if line is None else list(line),
        outcome=outcome,
        distance=values[cell].distance,
        reason=reason_of(position, cell),
        moves=[MoveValue(each, value.outcome, value.distance) for each, value in values.items()],
        exact=True,
        value=0.0 if outcome == "draw" else 1.0 if outcome == player else -1.0,
    )
