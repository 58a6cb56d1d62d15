"""The compiled engine against published results, the Python solver and itself turned round."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from services.game.classic.rules import EMPTY, Position, empty_cells, place, turn
from services.game.classic.solver import Value, merit, solve
from services.game.geometry import Variant
from services.game.native import build
from services.game.native.build import DIGEST, WrongBinaryError, digest
from services.game.native.library import Library
from services.game.native.question import DISTANCE, OUTCOME, WIN, Effort, Found, Question
from services.game.tests.walk import PLAYABLE
from services.game.variants import tournament
from services.game.variants.rules import Board, ruleset
from services.game.variants.spec import variant_of
from services.game.variants.ultimate import smalls
from shared.wire.tictactoe import Level, VariantSpec

ULTIMATE = VariantSpec("ultimate")
SMALL = [
    VariantSpec("mnk", m, n, k) for m in range(1, 5) for n in range(1, 4) for k in range(1, max(m, n) + 1)
]
# Won by the first player, or drawn: game-truth.md; k = 4: Uiterwijk and van den Herik 2000.
PUBLISHED = [
    ((3, 3, 3), "draw"),
    ((4, 3, 3), "X"),
    ((4, 4, 3), "X"),
    ((4, 4, 4), "draw"),
    ((6, 5, 4), "X"),
]


@pytest.fixture(scope="module")
def library() -> Library:
    """Loaded once."""
    return Library()


def study(
    library: Library, spec: VariantSpec, board: Board, *, nodes: int, all_moves: bool = False
) -> list[Found]:
    """With a proof first, and without a clock."""
    return library.study(Question(spec, board.text, board.last, Effort(nodes), 1, None, all_moves))


def test_the_binary_is_the_one_made_from_these_sources() -> None:
    assert DIGEST.read_text() == digest()  # else: make engine


def test_a_binary_that_was_changed_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / build.BINARY.name
    changed.write_bytes(
        build.BINARY.read_bytes() + b"\x00\x01\x00"
    )  # an empty section of one's own: valid, too
    monkeypatch.setattr(build, "BINARY", changed)
    with pytest.raises(WrongBinaryError, match="make engine"):
        Library()


@pytest.mark.parametrize(("size", "outcome"), PUBLISHED, ids=str)
def test_published_games_are_solved(library: Library, size: tuple[int, int, int], outcome: str) -> None:
    spec = VariantSpec("mnk", *size)
    best = study(library, spec, ruleset(spec).empty, nodes=2_000_000)[0]
    assert (best.known, best.estimate) == (DISTANCE, 1.0 if outcome == "X" else 0.0)


@pytest.mark.parametrize("spec", SMALL, ids=str)
def test_the_second_player_never_wins_and_the_solver_agrees(library: Library, spec: VariantSpec) -> None:
    best = study(library, spec, ruleset(spec).empty, nodes=1_000_000)[0]
    value = solve(variant_of(spec))[EMPTY] if spec.m != 4 or spec.n != 3 else None
    assert best.known == DISTANCE
    assert best.estimate >= 0
    if value is not None:
        assert value == Value("X" if best.estimate else "draw", value.distance)
        assert not best.estimate or WIN - best.score == value.distance


def values_of(found: list[Found], position: Position, left: int) -> dict[int, Value]:
    """Outcome and distance of each move, as the Python solver names them."""
    me, you = turn(position), "O" if turn(position) == "X" else "X"
    return {
        move.cell: Value(me if move.estimate > 0 else you, WIN - abs(move.score) - 1)  # type: ignore[arg-type]
        if move.estimate
        else Value("draw", left - 1)
        for move in found
        if move.known == DISTANCE
    }


def test_every_move_has_the_value_that_the_python_solver_gives_it(library: Library) -> None:
    spec, values = VariantSpec("mnk", 3, 3, 3), solve(Variant())
    for position in PLAYABLE[::5]:
        board, player = Board(ruleset(spec).rules, position), turn(position)
        found = study(library, spec, board, nodes=100_000, all_moves=True)
        cells = empty_cells(position)
        assert values_of(found, position, len(cells)) == {
            cell: values[place(position, player, cell)] for cell in cells
        }
        best = max((values[place(position, player, cell)] for cell in cells), key=lambda v: merit(v, player))
        assert values_of(found, position, len(cells))[found[0].cell] == best


def by_chance(spec: VariantSpec, rng: Random, plies: int) -> Iterator[Board]:
    """Unfinished boards after so many moves, without end."""
    while True:
        board = ruleset(spec).empty
        while board.status == "playing" and board.ply < plies:
            board = board.play(rng.choice(board.legal))
        if board.status == "playing":
            yield board


def test_a_win_by_threats_alone_is_one_that_the_proof_finds_too(library: Library) -> None:
    spec, seen = VariantSpec("mnk", 5, 4, 4), 0
    boards = by_chance(spec, Random(3), 10)
    for _ in range(40):
        board = next(boards)
        effort = Effort(200_000, depth=4, solve=False)
        found = library.study(Question(spec, board.text, board.last, effort, 1, None, all_moves=True))
        proven = {move.cell: move for move in study(library, spec, board, nodes=200_000, all_moves=True)}
        for move in found:
            if move.known >= OUTCOME and proven[move.cell].known == DISTANCE:
                assert move.estimate == proven[move.cell].estimate
                seen += 1
    assert seen > 20


def mirrored(cell: int, side: int) -> int:
    """Left and right exchanged on a square board."""
    return cell // side * side + side - 1 - cell % side


@pytest.mark.parametrize(
    ("spec", "side", "plies"),
    [(VariantSpec("mnk", 4, 4, 3), 4, 4), (VariantSpec("mnk", 4, 4, 4), 4, 7), (ULTIMATE, 9, 56)],
)
def test_a_mirrored_position_has_the_same_values(
    library: Library, spec: VariantSpec, side: int, plies: int
) -> None:
    boards = by_chance(spec, Random(8), plies)
    for _ in range(6):
        board = next(boards)
        image = ruleset(spec).replay([mirrored(cell, side) for cell in board.moves])
        ours = study(library, spec, board, nodes=3_000_000, all_moves=True)
        theirs = study(library, spec, image, nodes=3_000_000, all_moves=True)
        both = {mirrored(move.cell, side): (move.known, move.estimate, move.score) for move in theirs}
        assert {move.cell: (move.known, move.estimate, move.score) for move in ours} == both


def outcome(board: Board) -> int:
    """1, 0 or -1 for X, by the rules alone."""
    if board.status != "playing":
        return {"X": 1, "draw": 0, "O": -1}[board.status]
    values = [outcome(board.play(cell)) for cell in board.legal]
    return max(values) if board.turn == "X" else min(values)


def open_cells(board: Board) -> int:
    """Free cells on the small boards that are not decided."""
    return sum(9 - (small.x | small.o).bit_count() for small in smalls(board.position) if not small.decided)


def test_the_end_of_ultimate_is_played_exactly(library: Library) -> None:
    boards, checked = by_chance(ULTIMATE, Random(4), 54), 0
    while checked < 8:
        board = next(boards)
        if open_cells(board) > 8:
            continue
        found = study(library, ULTIMATE, board, nodes=2_000_000, all_moves=True)
        sign = 1 if board.turn == "X" else -1
        for move in found:
            assert move.known >= OUTCOME
            assert move.estimate == sign * outcome(board.play(move.cell))
        checked += 1


def test_ultimate_has_as_many_games_of_n_plies_as_published() -> None:
    boards, counts = [ruleset(ULTIMATE).empty], []
    for _ in range(3):
        counts.append(sum(len(board.legal) for board in boards))
        boards = [board.play(cell) for board in boards for cell in board.legal]
    assert counts == [81, 720, 6336]


@pytest.mark.parametrize(("stronger", "weaker"), [("medium", "easy"), ("hard", "medium")])
def test_on_fifteen_by_fifteen_each_level_beats_the_one_below(
    library: Library, stronger: Level, weaker: Level
) -> None:
    score = tournament.match(library, VariantSpec("mnk", 15, 15, 5), stronger, weaker, games=10, seed=2026)
    assert score.wins >= 9
