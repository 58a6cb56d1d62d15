"""The tic-tac-toe page in Chromium, against the AI behind the gateway, without an account."""

import re
from collections.abc import Awaitable, Callable

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect

from shared.testing.product import Product

MOVE = "**/api/tictactoe/move"
OBSERVE_SHIFTS = """
    globalThis.layoutShifts = [];
    globalThis.observer = new PerformanceObserver((list) => layoutShifts.push(...list.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
"""
Open = Callable[[], Awaitable["Table"]]


class Table:
    """The page as a person sees it: everything by its accessible name."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status = page.get_by_role("status")
        self.board = page.get_by_role("group", name="Board")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def cell(self, cell: int, holds: str = "empty") -> Locator:
        return self.button(f"Row {cell // 3 + 1}, column {cell % 3 + 1}, {holds}")

    async def seat(self, side: str, who: str) -> None:
        await self.page.get_by_label(f"{side} is").select_option(who)

    async def take(self, *cells: int) -> None:
        for cell in cells:
            await self.cell(cell).click()

    async def shows(self, board: str) -> None:
        """Waits until the nine cells hold these nine characters."""
        for cell, stone in enumerate(board):
            await expect(self.cell(cell, "empty" if stone == "." else stone)).to_be_visible()

    async def score(self, x_wins: int, draws: int, o_wins: int) -> None:
        await expect(self.page.locator("dd")).to_have_text([str(x_wins), str(draws), str(o_wins)])


@pytest.fixture
def table(product: Product, page: Page) -> Open:
    """Opens the page."""

    async def open_() -> Table:
        await page.goto(f"{product.url}/tictactoe")
        return Table(page)

    return open_


async def no_violations(page: Page) -> None:
    # A colour half-way through its transition has no contrast to judge.
    await page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
    found = await Axe().run(page)
    assert found.response["violations"] == []


async def test_a_stranger_plays_x_and_the_perfect_ai_answers_with_its_reason(table: Open) -> None:
    game = await table()
    await expect(game.page.get_by_label("X is")).to_have_value("you")
    await expect(game.page.get_by_label("O is")).to_have_value("perfect")
    await expect(game.status).to_have_text("You are X. Your turn.")
    await game.take(0)
    await game.shows("X...O....")
    await expect(game.status).to_have_text("O takes the centre. Your turn.")
    await game.take(1)
    await game.shows("XXO.O....")
    await expect(game.status).to_contain_text("O blocks the top row. Your turn.")


async def test_two_people_play_to_a_win_that_is_shown_and_counted_over_a_reload(table: Open) -> None:
    game = await table()
    await game.seat("O", "You")
    await game.take(0, 3, 1, 4, 2)
    await expect(game.status).to_contain_text("X wins with the top row.")
    assert await game.board.locator(".won").evaluate_all("cells => cells.map(c => c.dataset.cell)") == [
        "0",
        "1",
        "2",
    ]
    await game.score(1, 0, 0)
    await game.page.reload()
    await game.score(1, 0, 0)


async def test_a_full_board_without_a_line_is_a_draw(table: Open) -> None:
    game = await table()
    await game.seat("O", "You")
    await game.take(0, 1, 2, 4, 3, 5, 7, 6, 8)
    await expect(game.status).to_contain_text("It is a draw.")
    await game.score(0, 1, 0)


async def test_undo_takes_back_to_the_persons_last_turn_and_its_point(table: Open) -> None:
    game = await table()
    await game.take(0)
    await game.shows("X...O....")
    await game.button("Undo").click()
    await game.shows(".........")
    await game.seat("O", "You")
    await game.take(0, 3, 1, 4, 2)
    await game.score(1, 0, 0)
    await game.button("Undo").click()
    await game.shows("XX.OO....")
    await game.score(0, 0, 0)


async def test_an_undo_while_the_ai_thinks_takes_back_only_the_persons_move(table: Open) -> None:
    game = await table()
    await game.page.route(MOVE, lambda route: None)  # never answered
    await game.take(0)
    await expect(game.status).to_contain_text("O is thinking…")
    await game.button("Undo").click()
    await game.shows(".........")
    await expect(game.cell(0)).to_be_enabled()


async def test_a_hint_says_in_text_what_each_cell_is_worth_and_why_the_best_is_best(table: Open) -> None:
    game = await table()
    await game.seat("O", "You")
    await game.take(0, 4, 1, 2, 6, 3)  # O threatens 5; only the block holds
    await game.button("Hint").click()
    await expect(game.status).to_have_text("Best: block the middle row.")
    await expect(game.cell(5)).to_have_text("DrawBest")
    await expect(game.cell(7)).to_have_text("Lossin 2")
    await expect(game.cell(8)).to_have_attribute("aria-description", "Loss in 2")
    await game.button("Hint").click()
    await expect(game.cell(5)).to_have_text("")


async def test_the_person_may_play_o_and_the_ai_opens(table: Open) -> None:
    game = await table()
    await game.seat("O", "You")
    await game.seat("X", "AI: perfect")
    await game.shows("....X....")
    await expect(game.status).to_have_text("X takes the centre. Your turn.")
    await expect(game.button("Undo")).to_be_disabled()


async def test_two_ais_are_watched_step_by_step_and_to_the_end(table: Open) -> None:
    game = await table()
    await game.seat("X", "AI: perfect")
    await game.button("Pause").click()
    await game.button("New game").click()
    await game.button("Pause").click()
    await game.shows(".........")
    await game.button("Step").click()
    await game.shows("....X....")
    await game.button("Step").click()
    await game.shows("O...X....")
    await expect(game.button("Play")).to_be_enabled()
    await game.page.get_by_label("Speed").select_option("Fast")
    await game.button("Play").click()
    await expect(game.status).to_contain_text("It is a draw.", timeout=15_000)
    await game.score(0, 1, 0)


async def test_a_server_that_cannot_be_reached_is_said_and_retried_by_hand(table: Open) -> None:
    game = await table()
    await game.page.route(MOVE, lambda route: route.abort())
    await game.take(0)
    alert = game.page.get_by_role("alert")
    await expect(alert).to_contain_text("The server cannot be reached, so O cannot answer.")
    await game.page.unroute(MOVE)
    await game.button("Retry").click()
    await game.shows("X...O....")
    await expect(alert).to_be_hidden()


async def test_two_people_play_on_while_the_server_is_away(table: Open) -> None:
    game = await table()
    await game.page.route(MOVE, lambda route: route.abort())
    await game.take(0)
    await expect(game.page.get_by_role("alert")).to_be_visible()
    await game.seat("O", "You")
    await expect(game.page.get_by_role("alert")).to_be_hidden()
    await game.take(4, 1)
    await game.shows("XX..O....")
    await game.button("Hint").click()
    await expect(game.page.get_by_role("alert")).to_contain_text("so there is no hint")
    await game.take(2)
    await game.shows("XXO.O....")


async def test_too_many_moves_are_said_in_words(table: Open) -> None:
    game = await table()
    await game.page.route(MOVE, lambda route: route.fulfill(status=429, body="{}"))
    await game.take(0)
    await expect(game.page.get_by_role("alert")).to_contain_text("Wait a moment, then try again.")


async def test_an_answer_that_does_not_fit_the_board_is_not_played(table: Open) -> None:
    game = await table()
    wrong = '{"cell": 0, "player": "O", "board": "O........", "moves": []}'
    await game.page.route(MOVE, lambda route: route.fulfill(status=200, body=wrong))
    await game.take(0)
    await expect(game.page.get_by_role("alert")).to_contain_text("does not fit this board")
    await game.shows("X........")


async def test_the_board_is_one_tab_stop_and_plays_by_keyboard_alone(table: Open) -> None:
    game = await table()
    await game.page.get_by_label("O is").focus()
    await game.page.keyboard.press("Tab")
    await expect(game.cell(0)).to_be_focused()
    for key, cell in [("ArrowRight", 1), ("ArrowDown", 4), ("ArrowLeft", 3), ("ArrowUp", 0), ("End", 8)]:
        await game.page.keyboard.press(key)
        await expect(game.cell(cell)).to_be_focused()
    await game.page.keyboard.press("Enter")
    await game.shows("....O...X")
    await expect(game.cell(8, "X")).to_be_focused()
    await game.page.keyboard.press("Tab")
    await expect(game.button("New game")).to_be_focused()


async def test_a_taken_cell_cannot_be_taken_again(table: Open) -> None:
    game = await table()
    await game.seat("O", "You")
    await game.take(0)
    await expect(game.cell(0, "X")).to_be_disabled()
    await game.cell(0, "X").dispatch_event("click")
    await game.take(1)
    await game.shows("XO.......")


async def test_nothing_shifts_from_the_first_paint_on(table: Open, page: Page) -> None:
    await page.add_init_script(OBSERVE_SHIFTS)
    game = await table()
    before = await game.board.bounding_box()
    await game.take(0)
    await game.shows("X...O....")
    await game.button("Hint").click()
    await expect(game.status).to_contain_text("Best")
    await game.page.route(MOVE, lambda route: route.abort())
    await game.take(1)
    await expect(game.page.get_by_role("alert")).to_be_visible()
    assert await game.board.bounding_box() == before
    assert await game.page.evaluate("layoutShifts.concat(observer.takeRecords()).length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_state_of_the_page_violates_axe(product: Product, browser: Browser, scheme: str) -> None:
    context = await browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    game = Table(await context.new_page())
    await game.page.goto(f"{product.url}/tictactoe")
    await no_violations(game.page)
    await game.seat("O", "You")
    await game.take(0, 4, 1, 2, 6, 3)
    await game.button("Hint").click()
    await expect(game.status).to_contain_text("Best")
    await no_violations(game.page)
    await game.page.route(MOVE, lambda route: route.abort())
    await game.seat("X", "AI: easy")
    await game.seat("O", "AI: hard")
    await expect(game.page.get_by_role("alert")).to_be_visible()
    await no_violations(game.page)
    await context.close()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (640, 400)])
async def test_it_fits_a_phone_and_a_zoom_of_200_percent(
    product: Product, browser: Browser, width: int, height: int
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": height})
    game = Table(await context.new_page())
    await game.page.goto(f"{product.url}/tictactoe")
    assert await game.page.evaluate("document.documentElement.scrollWidth") == width
    box = await game.board.bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(min(0.88 * width, 0.6 * height), abs=1)
    assert box["height"] == pytest.approx(box["width"], abs=1)
    await context.close()


async def test_motion_is_left_out_where_it_is_not_wanted(product: Product, browser: Browser) -> None:
    context = await browser.new_context(reduced_motion="reduce")
    game = Table(await context.new_page())
    await game.page.goto(f"{product.url}/tictactoe")
    await game.take(0)
    assert await game.cell(0, "X").evaluate("cell => cell.getAnimations({subtree: true}).length") == 0
    await context.close()


async def test_no_other_game_is_counted_when_ais_are_left_to_play(table: Open) -> None:
    game = await table()
    await game.page.get_by_label("O is").select_option("AI: easy")
    await game.seat("X", "AI: hard")
    await game.page.get_by_label("Speed").select_option("Fast")
    await expect(game.status).to_contain_text(re.compile("wins with|draw"), timeout=15_000)
    counts = [int(text) for text in await game.page.locator("dd").all_inner_texts()]
    assert sum(counts) == 1
    await expect(game.button("Pause")).to_have_count(0)
    await expect(game.button("Play")).to_be_disabled()
