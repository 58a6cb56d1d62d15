"""Every variant through the one interface."""

from random import Random

import pytest

from services.game.errors import (
    BadBoard,
    BadLast,
    BadVariant,
    Finished,
    GameOver,
    IllegalMove,
    MovedOnDecided,
    OffBoard,
    Taken,
    WrongBoard,
)
from services.game.variants.rules import Board, Ruleset, ruleset
from services.game.variants.ultimate import cell_at
from shared.wire.tictactoe import VariantSpec

CLASSIC, MISERE, ULTIMATE = VariantSpec(), VariantSpec("misere"), VariantSpec("ultimate")
GOMOKU = VariantSpec("mnk", 15, 15, 5)
ALL = [CLASSIC, MISERE, ULTIMATE, GOMOKU, VariantSpec("mnk", 5, 2, 4), VariantSpec("mnk", 1, 1, 1)]


def played_out(rules: Ruleset, rng: Random) -> Board:
    """A game of random moves."""
    board = rules.empty
    while board.status == "playing":
        board = board.play(rng.choice(board.legal))
    return board


@pytest.mark.parametrize("spec", ALL, ids=str)
def test_games_by_chance_end_and_replay_to_the_same_board(spec: VariantSpec) -> None:
    rng = Random(5)
    for _ in range(8):
        end = played_out(ruleset(spec), rng)
        assert ruleset(spec).replay(end.moves) == end
        assert not end.legal
        assert (end.line is None) == (end.status == "draw")
        for cell in end.line or ():
            stone = "X" if end.ply % 2 else "O"  # who moved last
            assert end.text[cell] == stone
        with pytest.raises(GameOver):
            end.play(0)


@pytest.mark.parametrize("spec", ALL, ids=str)
def test_every_board_on_the_way_reads_back_from_its_text(spec: VariantSpec) -> None:
    moves = played_out(ruleset(spec), Random(6)).moves
    for ply in range(len(moves)):
        board = ruleset(spec).replay(moves[:ply])
        assert ruleset(spec).parse(board.text, board.last) == board
    with pytest.raises(Finished):
        ruleset(spec).parse(ruleset(spec).replay(moves).text, moves[-1])


def test_the_side_that_completes_a_line_loses_in_misere() -> None:
    assert ruleset(MISERE).replay([0, 3, 1, 4, 2]).status == "O"


def test_five_in_a_row_wins_wherever_it_stands() -> None:
    end = ruleset(GOMOKU).replay([112, 0, 128, 1, 144, 2, 160, 3, 96])
    assert (end.status, end.line) == ("X", (96, 112, 128, 144, 160))


def test_ultimate_sends_to_the_board_of_the_place_taken() -> None:
    rules = ruleset(ULTIMATE)
    assert len(rules.empty.legal) == 81
    board = rules.replay([cell_at(0, 4)])
    assert board.legal == tuple(sorted(cell_at(4, spot) for spot in range(9)))
    with pytest.raises(WrongBoard, match="sends to board 4"):
        board.play(cell_at(5, 0))


def test_ultimate_frees_the_one_who_is_sent_to_a_decided_board() -> None:
    # O wins board 0 along its middle row; X is then sent back to it.
    moves = [(0, 0), (0, 3), (3, 0), (0, 4), (4, 0), (0, 5), (5, 8), (8, 0)]
    board = ruleset(ULTIMATE).replay([cell_at(*move) for move in moves])
    assert {cell for cell in board.legal if cell // 27 == 0 and cell % 9 < 3} == set()
    assert len(board.legal) == 81 - 9 - 4


def test_a_move_that_is_not_legal_says_which_one_and_why() -> None:
    for moves, error in (([4, 9], OffBoard), ([4, -1], OffBoard), ([4, 4], Taken)):
        with pytest.raises(error) as raised:
            ruleset(CLASSIC).replay(moves)
        assert isinstance(raised.value, IllegalMove)
        assert (raised.value.ply, raised.value.cell) == (1, moves[1])
        assert [each.pointer for each in raised.value.errors] == ["/cell"]


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (VariantSpec("mnk"), "m"),
        (VariantSpec("mnk", 3, 3), "k"),
        (VariantSpec("mnk", 4, 3, 5), "k"),
        (VariantSpec("classic", m=3), "m"),
        (VariantSpec("ultimate", k=3), "k"),
        (VariantSpec("misere", n=3), "n"),
    ],
    ids=str,
)
def test_sizes_that_do_not_fit_name_their_field(spec: VariantSpec, field: str) -> None:
    with pytest.raises(BadVariant) as raised:
        ruleset(spec)
    assert [each.pointer for each in raised.value.errors] == [f"/{field}"]


def test_the_last_move_must_be_one_that_can_have_been() -> None:
    rules = ruleset(ULTIMATE)
    text = rules.replay([40, 30]).text
    for last in (None, 40, 0):
        with pytest.raises(BadLast):
            rules.parse(text, last)
    with pytest.raises(BadLast):
        rules.parse("." * 81, 3)
    assert rules.parse(text, 30).last == 30


def grid(**boards: str) -> str:
    """A 9×9 text from small boards named b0 … b8."""
    cells = ["."] * 81
    for name, small in boards.items():
        for spot, stone in enumerate(small):
            cells[cell_at(int(name[1:]), spot)] = stone
    return "".join(cells)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (grid(b0="XXXOOO..."), MovedOnDecided),
        (grid(b0="XXX...XXX", b1="OOO...", b2="OO."), MovedOnDecided),
        (grid(b0="XXX", b1="OOO", b3="XXX", b4="OOO", b6="XXX", b7="OOO"), BadBoard),
        ("." * 80, BadBoard),
    ],
)
def test_a_grid_that_no_game_reaches_is_refused(text: str, error: type[BadBoard]) -> None:
    with pytest.raises(error):
        ruleset(ULTIMATE).parse(text, 0)
