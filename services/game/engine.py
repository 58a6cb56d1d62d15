"""The AI for every variant: what live games and the endpoints ask for a move."""

from collections.abc import Sequence
from random import Random

from services.game.allowance import Account, for_live_games
from services.game.classic import levels as classic
from services.game.errors import GameOver
from services.game.native.question import Found, Question
from services.game.variants import levels as variants
from services.game.variants.rules import Board, ruleset
from services.game.workers import Workers
from shared.wire.tictactoe import Level, VariantSpec


class Engine:
    """chance: for callers that give no seed. workers: search what cannot be looked up."""

    def __init__(self, chance: Random, workers: Workers) -> None:
        self._chance = chance
        self.workers = workers

    async def choose(
        self,
        spec: VariantSpec,
        moves: Sequence[int],
        level: Level,
        *,
        seed: int | None = None,
        time_limit_ms: int = 1000,
    ) -> int:
        """The cell that a player of this level takes after `moves` of a live game. The same seed gives the same cell.

        Raises BadVariant, IllegalMove (also GameOver, where no move is left), Unavailable (no engine just now).
        """
        board = ruleset(spec).replay(tuple(moves))
        if board.status != "playing":
            raise GameOver(board.ply, board.last or 0)
        if spec.variant == "classic":
            return classic.choose(level, board.position, self.chance(seed))
        move, _ = await self.move(
            spec, board, level, seed=seed, time_limit_ms=time_limit_ms, account=for_live_games
        )
        return move.cell

    async def move(
        self,
        spec: VariantSpec,
        board: Board,
        level: Level,
        *,
        seed: int | None,
        time_limit_ms: int,
        account: Account,
    ) -> tuple[Found, list[Found]]:
        """The move made on an unfinished board of any variant but classic, and all that was found, best first.

        Raises RateLimited, Unavailable.
        """
        rng = self.chance(seed)
        if spec.variant == "misere":
            found = variants.table_moves(spec, board)
            return variants.pick_misere(level, found, rng), found
        asked = variants.question(
            spec, board, level, seed=seed, time_limit_ms=time_limit_ms, chance=self._chance
        )
        found = await self._search(asked, account)
        return variants.pick(level, found, rng), found

    async def study(
        self, spec: VariantSpec, board: Board, *, seed: int | None, time_limit_ms: int, account: Account
    ) -> list[Found]:
        """Every legal move of an unfinished board, best first. Raises RateLimited, Unavailable."""
        if spec.variant in ("classic", "misere"):
            return variants.table_moves(spec, board)
        asked = variants.full_question(spec, board, seed=seed, time_limit_ms=time_limit_ms)
        return await self._search(asked, account)

    async def _search(self, asked: Question, account: Account) -> list[Found]:
        with account(variants.cost_ms(asked)) as asker:
            return await self.workers.ask(asked, asker)

    def chance(self, seed: int | None) -> Random:
        """The dice of one question."""
        return self._chance if seed is None else Random(seed)  # noqa: S311  # chance for a board game
