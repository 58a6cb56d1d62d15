"""Seeded matches between levels at the games that are searched: the tables of docs/game.md."""

from math import isqrt
from random import Random
from typing import Literal

from services.game.classic.levels import LEVELS
from services.game.classic.tournament import Score
from services.game.native.library import Library
from services.game.variants import levels
from services.game.variants.rules import Board, ruleset
from shared.wire.tictactoe import Level, VariantSpec

SPECS = (
    VariantSpec("mnk", 15, 15, 5),
    VariantSpec("ultimate"),
    VariantSpec("mnk", 6, 6, 4),
    VariantSpec("misere"),
)
_TIME_LIMIT_MS = 300
_BY_CHANCE = 3


def match(
    library: Library, spec: VariantSpec, first: Level, second: Level, *, games: int, seed: int
) -> Score:
    """As `tournament.match`; searches are bounded by positions, so the same seed gives the same score."""
    rng = Random(seed)  # noqa: S311  # chance for a board game, and it must repeat
    tally = {"first": 0, "second": 0, "draw": 0}
    for game in range(games):
        tally[_play(library, spec, first, second, first_is_x=game % 2 == 0, rng=rng)] += 1
    return Score(tally["first"], tally["draw"], tally["second"])


def table(games: int = 20, seed: int = 2026) -> str:
    """Each level against the one below, as a Markdown table."""
    library = Library()
    lines = ["| game | match | won | drawn | lost |", "|---|---|---:|---:|---:|"]
    for spec in SPECS:
        name = f"{spec.m}×{spec.n}, {spec.k} in a row" if spec.variant == "mnk" else spec.variant
        for stronger, weaker in zip(LEVELS[1:], LEVELS, strict=False):
            score = match(library, spec, stronger, weaker, games=games, seed=seed)
            lines.append(
                f"| {name} | {stronger} against {weaker} | {score.wins} | {score.draws} | {score.losses} |"
            )
    return "\n".join(lines) + "\n"


def _play(
    library: Library, spec: VariantSpec, first: Level, second: Level, *, first_is_x: bool, rng: Random
) -> Literal["first", "second", "draw"]:
    board = ruleset(spec).empty
    if (
        spec.variant != "misere"
    ):  # strong levels use no chance: without this they would play the same two games again and again
        for _ in range(_BY_CHANCE):
            board = board.play(rng.choice(_near_the_middle(board)))
    while board.status == "playing":
        level = first if (board.turn == "X") == first_is_x else second
        if spec.variant == "misere":
            move = levels.pick_misere(level, levels.table_moves(spec, board), rng)
        else:
            asked = levels.question(
                spec, board, level, seed=rng.getrandbits(50), time_limit_ms=_TIME_LIMIT_MS, chance=rng
            )
            move = levels.pick(level, library.study(asked), rng)
        board = board.play(move.cell)
    if board.status == "draw":
        return "draw"
    return "first" if (board.status == "X") == first_is_x else "second"


def _near_the_middle(board: Board) -> list[int]:
    """The quarter of the legal cells that is nearest to the centre of a square grid."""
    side = isqrt(board.rules.cells)

    def off(cell: int) -> int:
        return max(abs(2 * (cell % side) - side + 1), abs(2 * (cell // side) - side + 1))

    return sorted(board.legal, key=off)[: max(1, len(board.legal) // 4)]
