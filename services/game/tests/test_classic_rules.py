"""The rules, against game-truth.md and every one of the 3^9 texts a board can be."""

from collections import Counter
from itertools import product

import pytest

from services.game import errors
from services.game.classic.rules import (
    EMPTY,
    Position,
    first_line,
    parse,
    parse_playable,
    place,
    status,
    to_text,
    turn,
    winning_cells,
)
from services.game.geometry import Variant
from services.game.tests.walk import REACHABLE, canonical, complete_games, histories_by_ply

WHICH = {
    "": errors.BadLength,
    "X.......": errors.BadLength,
    "X.........": errors.BadLength,
    "x........": errors.BadCharacter,
    "X...O...Ö": errors.BadCharacter,
    "........\x00": errors.BadCharacter,
    "XX.......": errors.CountsOff,
    "O........": errors.CountsOff,
    "XXX......": errors.CountsOff,
    "XXXOOO...": errors.BothWon,
    "XXXOOOX..": errors.BothWon,
    "XXXOO.O..": errors.MovedAfterWin,
    "OOOXX.XX.": errors.MovedAfterWin,
    "XXXOO....": errors.Finished,
    "OOOXX.X..": errors.Finished,
    "XOXXOOOXX": errors.Finished,
}


@pytest.mark.parametrize(("text", "refusal"), WHICH.items())
def test_a_bad_board_is_refused_by_the_name_of_its_fault(text: str, refusal: type[errors.BadBoard]) -> None:
    with pytest.raises(errors.BadBoard) as refused:
        parse_playable(text)
    assert type(refused.value) is refusal
    assert str(refused.value).endswith(".")


def test_a_refusal_says_what_is_wrong_in_words() -> None:
    with pytest.raises(errors.MovedAfterWin, match="O moved after X had won"):
        parse("XXXOO.O..")
    with pytest.raises(errors.Finished, match="it is a draw"):
        parse_playable("XOXXOOOXX")
    with pytest.raises(errors.BadCharacter, match="Cell 2 holds 'Z'"):
        parse("X.Z......")


def test_of_all_texts_exactly_the_reachable_positions_are_accepted() -> None:
    accepted = set()
    for characters in product("XO.", repeat=9):
        try:
            accepted.add(parse("".join(characters)))
        except errors.BadBoard:
            continue
    assert accepted == set(REACHABLE)
    assert len(accepted) == 5478


def test_text_and_position_say_the_same_for_every_reachable_board() -> None:
    assert all(parse(to_text(position)) == position for position in REACHABLE)


def test_positions_after_each_ply_number_as_published() -> None:
    assert histories_by_ply() == [1, 9, 72, 504, 3024, 15120, 54720, 148176, 200448, 127872]
    assert sum(histories_by_ply()) == 549_946


def test_complete_games_number_as_published() -> None:
    games = complete_games()
    assert sum(games.values()) == 255_168
    by_result, by_length = Counter[str](), Counter[int]()
    for (result, plies), count in games.items():
        by_result[result] += count
        by_length[plies] += count
    assert by_result == {"X": 131_184, "O": 77_904, "draw": 46_080}
    assert by_length == {5: 1_440, 6: 5_328, 7: 47_952, 8: 72_576, 9: 81_792 + 46_080}
    assert games["X", 9] == 81_792


def test_distinct_positions_number_as_published_also_up_to_symmetry() -> None:
    assert len({canonical(position) for position in REACHABLE}) == 765
    finished = [position for position in REACHABLE if status(position) != "playing"]
    assert Counter(map(status, finished)) == {"X": 626, "O": 316, "draw": 16}
    assert Counter(map(status, {canonical(position) for position in finished})) == {
        "X": 91,
        "O": 44,
        "draw": 3,
    }


@pytest.mark.parametrize(
    ("variant", "count"),
    [(Variant(), 8), (Variant(4, 4, 4), 10), (Variant(5, 5, 4), 28), (Variant(15, 15, 5), 572)],
)
def test_winning_lines_number_as_published(variant: Variant, count: int) -> None:
    assert len(variant.lines) == len(set(variant.masks)) == count


def test_lines_stand_in_the_order_rows_columns_diagonals() -> None:
    assert Variant().lines == (
        (0, 1, 2),
        (3, 4, 5),
        (6, 7, 8),
        (0, 3, 6),
        (1, 4, 7),
        (2, 5, 8),
        (0, 4, 8),
        (2, 4, 6),
    )


def test_of_two_lines_the_row_is_named_before_the_column_and_the_column_before_the_diagonal() -> None:
    assert first_line(parse("XXXXOOXOO")) == (0, 1, 2)
    assert first_line(parse("XOOXXOXOX")) == (0, 3, 6)
    assert first_line(parse("XOXOXOXOX")) == (0, 4, 8)
    assert first_line(EMPTY) is None


def test_turns_alternate_from_x() -> None:
    one = place(EMPTY, "X", 4)
    assert (turn(EMPTY), turn(one), turn(place(one, "O", 0))) == ("X", "O", "X")
    assert place(one, "O", 0) == Position(x=1 << 4, o=1 << 0)


def test_winning_cells_are_those_that_complete_a_line() -> None:
    assert winning_cells(parse("XX.OO...."), "X") == [2]
    assert winning_cells(parse("XX.OO...."), "O") == [5]
    assert winning_cells(parse("X.X.O.X.O"), "X") == [1, 3]


def test_in_misere_who_completes_a_line_loses() -> None:
    assert status(parse("XXXOO...."), Variant(misere=True)) == "O"
