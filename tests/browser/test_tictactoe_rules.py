"""The browser's rules agree with the server's, and links hold what was played."""

from random import Random
from typing import Any

from services.game.variants.rules import Board, ruleset
from shared.wire.tictactoe import VariantSpec
from tests.browser.modules import Modules

GAMES = {
    "classic": VariantSpec("classic"),
    "misere": VariantSpec("misere"),
    "ultimate": VariantSpec("ultimate"),
    "4x4x3": VariantSpec("mnk", 4, 4, 3),
    "7x3x4": VariantSpec("mnk", 7, 3, 4),
    "9x9x5": VariantSpec("mnk", 9, 9, 5),
}
SAID = """
    const { rulesOf } = m;
    return a.map(([name, moves]) => {
        const rules = rulesOf(name);
        let position = rules.start;
        const said = (position) => {
            const { status, line } = rules.result(position);
            return [status, status === "playing" ? rules.legal(position) : [], line !== null];
        };
        return [said(position), ...moves.map((cell) => {
            const side = position.board.replaceAll(".", "").length % 2 === 0 ? "X" : "O";
            const board = position.board.slice(0, cell) + side + position.board.slice(cell + 1);
            position = { board, last: cell };
            return said(position);
        })];
    });
"""


def _said(board: Board) -> list[Any]:
    return [board.status, list(board.legal), board.line is not None]


def _random_game(name: str, rng: Random) -> list[Board]:
    """Every board of a random game, to its end."""
    boards = [ruleset(GAMES[name]).empty]
    while boards[-1].status == "playing":
        boards.append(boards[-1].play(rng.choice(boards[-1].legal)))
    return boards


async def test_whole_games_by_chance_go_the_same_way_in_the_browser_and_on_the_server(
    modules: Modules,
) -> None:
    rng = Random(5)
    games = [(name, _random_game(name, rng)) for name in GAMES for _ in range(12)]
    asked = [[name, list(boards[-1].moves)] for name, boards in games]
    assert await modules.run("tictactoe/models/variants", SAID, *asked) == [
        [_said(board) for board in boards] for _, boards in games
    ]


async def test_the_browser_shows_the_line_that_the_server_names(modules: Modules) -> None:
    rng = Random(6)
    games = [boards for _ in range(10) for boards in [_random_game("4x4x3", rng)] if boards[-1].line]
    body = "return a.map((board) => m.rulesOf('4x4x3').result({ board, last: null }).line)"
    lines = await modules.run("tictactoe/models/variants", body, *[boards[-1].text for boards in games])
    assert lines == [list(boards[-1].line or ()) for boards in games]
    assert lines


async def test_the_numbers_of_lines_are_the_known_ones(modules: Modules) -> None:
    known = {"classic": 8, "misere": 8, "4x4x4": 10, "5x5x4": 28, "15x15x5": 572}
    body = "return a.map((name) => m.rulesOf(name).lines.length)"
    assert await modules.run("tictactoe/models/variants", body, *known) == list(known.values())


async def test_names_of_games_that_cannot_be_are_refused(modules: Modules) -> None:
    names = ["", "chess", "16x3x3", "3x16x3", "3x3x4", "0x3x3", "3x3", "3x3x3x3", "constructor", "99x99x99"]
    found = await modules.run("tictactoe/models/variants", "return a.map(m.rulesOf)", *names)
    assert found == [None] * len(names)


async def test_a_link_gives_back_the_game_it_was_made_of(modules: Modules) -> None:
    rng = Random(7)
    games = [[name, list(_random_game(name, rng)[-1].moves)] for name in GAMES]
    body = """
        const { rulesOf } = await import(url.replace("link", "variants"));
        return a.map(([name, cells]) => {
            const { rules, cells: read } = m.decode("?" + m.encode(rulesOf(name), cells));
            return [rules.name, read];
        });
    """
    assert await modules.run("tictactoe/models/link", body, *games) == games


async def test_a_link_that_holds_no_game_says_why(modules: Modules) -> None:
    wrong = {
        "game=chess": "it names a game that is not known here",
        "game=99x99x9&moves=a1": "it names a game that is not known here",
        "game=classic&moves=4-5": "its moves cannot be read",
        "game=classic&moves=%3Cb%3E": "its moves cannot be read",
        "moves=a1a1": "move 2 (row 1, column 1) takes a cell that is taken",
        "game=classic&moves=a1d1": "move 2 (row 1, column 4) is outside the board",
        "game=classic&moves=a1b1a2b2a3b3": "move 6 (row 3, column 2) comes after the end of the game",
        "game=ultimate&moves=e5a1": "move 2 (row 1, column 1) is in a local board that may not be played",
    }
    body = """
        return a.map((query) => {
            try { m.decode(query); return null; }
            catch (error) { return error instanceof m.BadLink ? error.message : String(error); }
        });
    """
    assert await modules.run("tictactoe/models/link", body, *wrong) == list(wrong.values())
