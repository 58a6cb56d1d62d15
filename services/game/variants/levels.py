"""How the levels play games that are searched, not looked up. Pure: chance comes in as a `random.Random`."""

from collections.abc import Mapping, Sequence
from random import Random

from services.game.classic.levels import perfect_cell
from services.game.classic.rules import Position, empty_cells, place, turn
from services.game.classic.solver import Value, merit, solve
from services.game.native.question import DISTANCE, WIN, Effort, Found, Question
from services.game.variants.rules import Board
from services.game.variants.spec import variant_of
from shared.wire.tictactoe import Level, VariantSpec

NODES_PER_MS = {"mnk": 200, "ultimate": 100}
"""What a slow machine looks at: a search ends after so many, so that the same seed finds the same."""
_SOLVABLE = 49
_HARD = {"mnk": Effort(30_000, depth=3, width=10, solve=False), "ultimate": Effort(3000, solve=False)}
_WEAK: dict[Level, dict[str, Effort]] = {
    "easy": {"mnk": Effort(20_000, depth=1, solve=False), "ultimate": Effort(40, solve=False)},
    "medium": {"mnk": Effort(20_000, depth=1, solve=False), "ultimate": Effort(400, solve=False)},
}
# How often the best move is made, and from how many of the best a random one is chosen otherwise.
_CARE = {"easy": (0.4, 0.3), "medium": (0.85, 0.05)}
_MISERE_FORESIGHT = {"easy": 0.0, "medium": 0.35, "hard": 0.8, "perfect": 1.0}


def question(
    spec: VariantSpec, board: Board, level: Level, *, seed: int | None, time_limit_ms: int, chance: Random
) -> Question:
    """What to ask of the engine for a move at this level (mnk, ultimate).

    With a seed only positions count; without one, so does the clock.
    """
    weak = level in _WEAK
    return Question(
        spec,
        board.text,
        board.last,
        _effort(spec, board, level, time_limit_ms),
        seed=chance.getrandbits(53) if seed is None else seed,
        time_limit_s=None if seed is not None else time_limit_ms / 1000,
        all_moves=weak and spec.variant == "mnk",
    )


def full_question(spec: VariantSpec, board: Board, *, seed: int | None, time_limit_ms: int) -> Question:
    """What to ask for the value of every move."""
    effort = _effort(spec, board, "perfect", time_limit_ms)
    limit_s = None if seed is not None else time_limit_ms / 1000
    return Question(spec, board.text, board.last, effort, seed or 0, limit_s, all_moves=True)


def cost_ms(asked: Question) -> float:
    """What it takes on a slow machine: its positions, unless the clock ends it before."""
    by_nodes = asked.effort.nodes / NODES_PER_MS[asked.spec.variant]
    return by_nodes if asked.time_limit_s is None else min(by_nodes, asked.time_limit_s * 1000)


def _effort(spec: VariantSpec, board: Board, level: Level, time_limit_ms: int) -> Effort:
    if level == "hard":
        return _HARD[spec.variant]
    if level != "perfect":
        return _WEAK[level][spec.variant]
    solvable = spec.variant == "ultimate" or board.text.count(".") <= _SOLVABLE
    nodes = max(time_limit_ms * NODES_PER_MS[spec.variant], 2 * _HARD[spec.variant].nodes)
    return Effort(nodes, width=16, solve=solvable)


def pick(level: Level, found: Sequence[Found], rng: Random) -> Found:
    """The move to make, of what a `question` found, best first. The strong levels use no chance here."""
    if level not in _CARE or rng.random() < _CARE[level][0]:
        return found[0]
    return rng.choice(found[: max(2, round(len(found) * _CARE[level][1]))])


def table_moves(spec: VariantSpec, board: Board) -> list[Found]:
    """Every move of classic or misère, looked up; the best first, and among equals as `perfect` chooses."""
    variant, player = variant_of(spec), board.turn
    values = solve(variant)
    known = {cell: values[place(board.position, player, cell)] for cell in empty_cells(board.position)}
    first = perfect_cell(board.position) if spec.variant == "classic" else -1
    ranked = sorted(known, key=lambda cell: (merit(known[cell], player), cell == first), reverse=True)
    return [_from_table(values, cell, board) for cell in ranked]


def pick_misere(level: Level, found: Sequence[Found], rng: Random) -> Found:
    """The best move, or what does not complete a line, as far as the level sees it; easy does not look."""
    if rng.random() < _MISERE_FORESIGHT[level]:
        return found[0]
    safe = [move for move in found if move.score != -(WIN - 1)]
    return rng.choice(safe if safe and level != "easy" else found)


def _from_table(values: Mapping[Position, Value], cell: int, board: Board) -> Found:
    position, line = place(board.position, board.turn, cell), [cell]
    value = values[position]
    sign = 0 if value.outcome == "draw" else 1 if value.outcome == board.turn else -1
    while values[position].distance:
        player = turn(position)
        after = {each: place(position, player, each) for each in empty_cells(position)}
        best = max(after, key=lambda each: merit(values[after[each]], player))
        position = after[best]
        line.append(best)
    return Found(cell, DISTANCE, sign * (WIN - 1 - value.distance), float(sign), line)
