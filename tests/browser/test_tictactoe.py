"""The tic-tac-toe page in Chromium, against the AI behind the gateway, without an account."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from shared.testing.product import Product
from tests.browser.table import ANY, MOVE, Table

Open = Callable[[], Awaitable[Table]]


@pytest.fixture
def table(product: Product, page: Page) -> Open:
    """Opens the page."""

    async def open_() -> Table:
        await page.goto(f"{product.url}/tictactoe")
        return Table(page)

    return open_


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
    await expect(game.status).to_contain_text("AI is thinking…")
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
    await game.page.route(ANY, lambda route: route.abort())
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


async def test_a_taken_cell_cannot_be_taken_again(table: Open) -> None:
    game = await table()
    await game.seat("O", "You")
    await game.take(0)
    await expect(game.cell(0, "X")).to_be_disabled()
    await game.cell(0, "X").dispatch_event("click")
    await game.take(1)
    await game.shows("XO.......")


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
