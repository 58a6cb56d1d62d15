"""What is asked of the compiled engine, and what it finds. Pure."""

import msgspec

from shared.wire.tictactoe import VariantSpec

WIN = 1_000_000
"""A score of WIN - n: a win n plies from the position asked about."""
UNKNOWN, ESTIMATE, OUTCOME, DISTANCE = range(4)


class Effort(msgspec.Struct, frozen=True):
    """How hard to look. nodes: the most positions or playouts. depth, width: of the search that estimates (m,n,k).

    solve: look for a proof first.
    """

    nodes: int
    depth: int = 64
    width: int = 16
    solve: bool = True


class Question(msgspec.Struct, frozen=True):
    """A position. all_moves: the value of every move, not the best alone. time_limit_s: None asks for `nodes` alone."""

    spec: VariantSpec
    text: str
    last: int | None
    effort: Effort
    seed: int
    time_limit_s: float | None
    all_moves: bool = False


class Found(msgspec.Struct, frozen=True):
    """A legal move. known: how much of its value is. estimate: -1 to 1 for the mover; the outcome once it is known.

    score: with DISTANCE ±(WIN - plies), or 0. line: how the game may go on, this move first.
    """

    cell: int
    known: int
    score: int
    estimate: float
    line: list[int]
