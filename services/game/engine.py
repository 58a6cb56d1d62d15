"""The AI for every variant: what live games and the endpoints ask for a move."""

from collections.abc import Sequence
from random import Random

from aiohttp import web

from services.game import players
from services.game.errors import GameOver
from services.game.ruleset import Board, ruleset
from shared.wire.tictactoe import Level, VariantSpec


class Engine:
    """chance: for callers that give no seed."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    async def choose(
        self,
        spec: VariantSpec,
        moves: Sequence[int],
        level: Level,
        *,
        seed: int | None = None,
        time_limit_ms: int = 1000,
    ) -> int:
        """The cell that a player of this level takes after `moves`. The same seed chooses the same cell.

        Raises BadVariant, IllegalMove (also GameOver, where no move is left), Unavailable (no engine just now).
        """
        board = ruleset(spec).replay(tuple(moves))
        if board.status != "playing":
            raise GameOver(board.ply, board.last or 0)
        rng = self._chance if seed is None else Random(seed)  # noqa: S311  # chance for a board game
        if spec.variant == "classic":
            return players.choose(level, board.position, rng)
        return _simple(board, rng)


def _simple(board: Board, rng: Random) -> int:
    winning = [cell for cell in board.legal if board.play(cell).status == board.turn]
    safe = [cell for cell in board.legal if board.play(cell).status in ("playing", board.turn, "draw")]
    return rng.choice(winning or safe or list(board.legal))


ENGINE = web.AppKey("engine", Engine)
