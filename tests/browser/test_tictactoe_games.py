"""The larger games on the page: variants, looking back, links, a finger, sound."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, expect

from shared.testing.product import Product
from tests.browser.table import MOVE, Table

Open = Callable[..., Awaitable[Table]]
FULL_GAME = "game=classic&moves=a1a2b1b2c1"  # X: the top row
AUDIO_COUNTED = """
    globalThis.contexts = 0;
    globalThis.tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) { tones += 1; return start.apply(this, when); };
    globalThis.AudioContext = class extends AudioContext { constructor() { super(); contexts += 1; } };
"""


@pytest.fixture
def table(product: Product, page: Page) -> Open:
    """Opens the page, with a link's query; columns: of the board that it shows."""

    async def open_(query: str = "", columns: int = 3) -> Table:
        await page.goto(f"{product.url}/tictactoe{query and '?'}{query}")
        return Table(page, columns)

    return open_


async def test_analysis_follows_the_game_with_worths_the_best_line_and_the_reason(table: Open) -> None:
    game = await table("game=4x4x3&moves=b2a1", columns=4)
    advice = game.page.get_by_role("group", name="Best play")
    await game.page.get_by_role("switch", name="Analysis").check()
    await expect(advice).to_contain_text("X wins within 3 moves.")
    await expect(advice).to_contain_text("Best line: X row")
    best = game.board.locator("[aria-description='Win in 3, best']")
    await expect(best).to_have_text("Winin 3Best")
    await expect(game.status).to_contain_text("Best: ")
    await game.button("Back").click()
    await expect(advice).to_contain_text("X wins within 4 moves.")
    await game.page.get_by_role("switch", name="Analysis").uncheck()
    await expect(advice).to_be_hidden()
    await expect(best).to_have_count(0)


async def test_the_ai_plays_every_variant(table: Open) -> None:
    for name, columns, middle in [("misere", 3, 4), ("ultimate", 9, 40), ("15x15x5", 15, 112)]:
        game = await table(f"game={name}", columns)
        await game.seat("O", "AI: easy")
        cell = game.page.get_by_label(f"Row {middle // columns + 1}, column {middle % columns + 1}, ")
        await cell.click()
        await expect(game.board.locator("[data-stone=O]")).to_have_count(1)


async def test_a_misere_board_says_who_loses(table: Open) -> None:
    game = await table()
    await game.choose("Misère: three in a row loses")
    await game.seat("O", "You")
    await expect(game.status).to_contain_text("Whoever completes three in a row loses.")
    await game.take(4, 0, 1, 2, 7)
    await expect(game.status).to_contain_text("X completes the middle column and loses. O wins.")
    await game.score(0, 0, 1)


async def test_ultimate_names_the_local_boards_and_where_to_play(table: Open) -> None:
    game = await table(columns=9)
    await game.choose("Ultimate: nine boards in one")
    await game.seat("O", "You")
    await game.page.get_by_label("Row 5, column 6, empty, centre board").click()
    await expect(game.status).to_contain_text(
        "X takes row 5, column 6, in the centre board. O is to move. Play in the middle right board."
    )
    await expect(game.page.get_by_label("Row 1, column 1, empty, top left board")).to_be_disabled()
    await game.page.get_by_label("Row 4, column 7, empty, middle right board").click()
    await expect(game.page.get_by_label("Row 4, column 7, O, middle right board")).to_be_visible()
    await expect(game.status).to_contain_text("Play in the top left board.")


async def test_a_local_board_that_is_won_is_said_and_sends_to_any_open_one(table: Open) -> None:
    game = await table("game=ultimate&moves=d5b5d4b2f5h5", columns=9)
    await game.page.get_by_label("Row 5, column 5, empty, centre board").click()
    await expect(game.status).to_contain_text(
        "X takes the centre board. O is to move. The centre board is finished: play in any open board."
    )
    await expect(game.page.get_by_label("Row 4, column 5, empty, centre board")).to_be_disabled()
    await expect(game.page.get_by_label("Row 1, column 9, empty, top right board")).to_be_enabled()


async def test_a_board_of_any_size_is_one_tab_stop_and_plays_by_keyboard(table: Open) -> None:
    game = await table(columns=15)
    await game.choose("15 × 15, five in a row")
    await game.seat("O", "You")
    assert await game.board.get_by_role("button").count() == 225
    assert await game.board.locator("[tabindex='0']").count() == 1
    await game.cell(0).focus()
    for key, cell in [("ArrowLeft", 14), ("ArrowUp", 224), ("Home", 0), ("End", 224), ("ArrowRight", 210)]:
        await game.page.keyboard.press(key)
        await expect(game.cell(cell)).to_be_focused()
    await game.page.keyboard.press("Enter")
    await expect(game.cell(210, "X")).to_be_focused()
    await expect(game.status).to_contain_text("X takes row 15, column 1. O is to move.")
    await game.choose("Another size…")
    await game.page.get_by_label("Columns").select_option("5")
    await expect(game.board.get_by_role("button")).to_have_count(35)
    await expect(game.page.get_by_label("In a row").locator("option", has_text="8")).to_be_disabled()


async def test_a_game_is_looked_at_again_move_by_move_and_played_on_from_there(table: Open) -> None:
    game = await table(FULL_GAME)
    await expect(game.status).to_contain_text("X wins with the top row.")
    await game.button("Back").click()
    await game.shows("XX.OO....")
    await expect(game.status).to_contain_text("Move 4 of 5. X is to move.")
    await expect(game.cell(2)).to_be_disabled()
    await game.page.keyboard.press("Home")
    await game.shows(".........")
    await game.page.keyboard.press("ArrowRight")
    await game.shows("X........")
    await game.button("Last position").click()
    await game.shows("XXXOO....")
    await game.cell(8).focus()
    await game.page.keyboard.press("PageUp")
    await game.shows("XX.OO....")
    await game.button("Play from here").click()
    await game.take(8, 2)
    await game.shows("XXOOO...X")
    await game.score(0, 0, 0)


async def test_two_ais_do_not_play_on_from_where_one_looks_back_to(table: Open) -> None:
    game = await table("game=classic&moves=a1a2b1b2")
    await game.seat("X", "AI: perfect")
    await expect(game.status).to_contain_text("X wins")
    await game.button("Back").click()
    await game.seat("O", "AI: perfect")
    await expect(game.status).to_contain_text("of 5")
    for name in ("Play", "Step"):
        await expect(game.button(name)).to_be_disabled()
    await game.button("Last position").click()
    await expect(game.status).to_contain_text("X wins")


async def test_ultimate_after_a_board_of_as_many_cells_shows_its_nine_boards(table: Open) -> None:
    game = await table(columns=9)
    await game.choose("9 × 9, five in a row")
    await expect(game.board.get_by_role("button")).to_have_count(81)
    await game.choose("Ultimate: nine boards in one")
    await expect(game.board.locator(".zone")).to_have_count(9)
    await game.choose("9 × 9, five in a row")
    await expect(game.board.locator(".zone")).to_have_count(0)


async def test_a_link_shows_the_position_to_whoever_opens_it(product: Product, browser: Browser) -> None:
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    game = Table(await context.new_page(), columns=6)
    await game.page.goto(f"{product.url}/tictactoe")
    await game.choose("6 × 6, four in a row")
    await game.seat("O", "You")
    await game.take(14, 0, 20)
    await game.button("Back").click()
    await game.button("Share").click()
    await expect(game.status).to_contain_text("Link copied.")
    link = await game.page.evaluate("navigator.clipboard.readText()")
    await expect(game.page.get_by_label("Link to this position")).to_have_value(link)
    assert link == f"{product.url}/tictactoe?game=6x6x4&moves=c3a1"
    await game.page.goto(link)
    await expect(game.cell(14, "X")).to_be_visible()
    await expect(game.cell(0, "O")).to_be_visible()
    await expect(game.page.get_by_label("O is")).to_have_value("you")
    await expect(game.status).to_contain_text("This position was shared with you. X is to move.")
    await game.take(1)
    await expect(game.page).to_have_url(f"{product.url}/tictactoe")
    await context.close()


async def test_a_bad_link_says_what_is_wrong_and_leaves_a_board_to_play_on(table: Open) -> None:
    game = await table("game=classic&moves=a1a1")
    alert = game.page.get_by_role("alert")
    await expect(alert).to_contain_text(
        "This link cannot be opened: move 2 (row 1, column 1) takes a cell that is taken."
    )
    await expect(game.button("Retry")).to_be_hidden()
    await game.take(0)
    await expect(alert).to_be_hidden()
    await game.shows("X...O....")


async def test_a_finger_aims_on_a_big_board_before_it_places(product: Product, browser: Browser) -> None:
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    game = Table(await context.new_page(), columns=15)
    await game.page.goto(f"{product.url}/tictactoe?game=15x15x5&moves=h8")
    box = await game.cell(0).bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 20
    assert await game.page.evaluate("document.documentElement.scrollWidth") == 360
    await game.cell(0).tap()
    await expect(game.status).to_contain_text("Tap again to place O on row 1, column 1.")
    await game.cell(16).tap()
    await expect(game.cell(0)).to_be_visible()
    await game.cell(16).tap()
    await expect(game.cell(16, "O")).to_be_visible()
    await context.close()


async def test_new_game_ends_the_wait_for_a_slow_answer(table: Open) -> None:
    game = await table()
    await game.page.route(MOVE, lambda route: None)  # never answered
    await game.take(0)
    await expect(game.status).to_contain_text("AI is thinking…")
    await game.button("New game").click()
    await game.shows(".........")
    await expect(game.status).to_have_text("You are X. Your turn.")


async def test_sound_is_off_until_wanted_and_then_remembered_but_waits_for_a_gesture(
    table: Open, page: Page
) -> None:
    await page.add_init_script(AUDIO_COUNTED)
    game = await table()
    sound = game.page.get_by_label("Sound")
    await expect(sound).not_to_be_checked()
    await game.take(0)
    await game.shows("X...O....")
    assert await page.evaluate("[contexts, tones]") == [0, 0]
    await sound.check()
    await game.take(8)
    await expect(game.button("Undo")).to_be_enabled()
    assert await page.evaluate("contexts") == 1
    assert await page.evaluate("tones") >= 2
    await page.reload()
    await expect(sound).to_be_checked()
    assert await page.evaluate("contexts") == 0
