"""The tic-tac-toe page for everyone: keyboard, screen reader, phone, zoom, dark, still."""

import pytest
from playwright.async_api import Browser, Page, expect

from shared.testing.product import Product
from tests.axe import SCHEMES, no_violations
from tests.browser.table import MOVE, Table

OBSERVE_SHIFTS = """
    globalThis.layoutShifts = [];
    globalThis.noteShifts = (entries) => layoutShifts.push(...entries.map(({ value, sources }) =>
        [value, ...sources.map(({ node }) => `${node?.nodeName}.${node?.className}`)]));
    globalThis.observer = new PerformanceObserver((list) => noteShifts(list.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
"""

MOVED_BY_LATER_PARTS = """() => {
    const parts = [...document.querySelector("#game").children];
    const places = () => parts.filter((part) => part.isConnected).map((part) => [part, part.getBoundingClientRect()]);
    const whole = new Map(places());
    const moved = [];
    for (const last of [...parts].reverse()) {
        for (const [part, { x, y }] of places())
            if (x !== whole.get(part).x || y !== whole.get(part).y)
                moved.push(`${part.className} before ${last.nextElementSibling?.className}`);
        last.remove();
    }
    return moved;
}"""


async def opened(page: Page, product: Product, query: str = "") -> Table:
    """The page on a tab."""
    await page.goto(f"{product.url}/tictactoe?{query}")
    return Table(page)


async def analysed(game: Table) -> None:
    await game.page.get_by_role("switch", name="Analysis").check()
    await expect(game.page.get_by_role("group", name="Best play")).to_be_visible()


async def test_the_board_is_one_tab_stop_and_plays_by_keyboard_alone(product: Product, page: Page) -> None:
    game = await opened(page, product)
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


async def test_nothing_shifts_from_the_first_paint_on(product: Product, page: Page) -> None:
    await page.add_init_script(OBSERVE_SHIFTS)
    game = await opened(page, product)
    before = await game.board.bounding_box()
    await game.take(0)
    await game.shows("X...O....")
    await game.button("Hint").click()
    await expect(game.status).to_contain_text("Best")
    await game.page.route(MOVE, lambda route: route.abort())
    await game.take(1)
    await expect(game.page.get_by_role("alert")).to_be_visible()
    assert await game.board.bounding_box() == before
    assert await game.page.evaluate("noteShifts(observer.takeRecords()), layoutShifts") == []


@pytest.mark.parametrize("width", [1280, 390])
async def test_no_part_moves_when_those_after_it_arrive(product: Product, page: Page, width: int) -> None:
    """A browser paints what it has of a page that comes slowly."""
    await page.set_viewport_size({"width": width, "height": 800})
    await opened(page, product)
    assert await page.evaluate(MOVED_BY_LATER_PARTS) == []


@pytest.mark.parametrize("query", ["", "game=15x15x5&moves=h8i9h7i8"])
async def test_a_window_higher_than_wide_shows_all_of_the_board(
    product: Product, page: Page, query: str
) -> None:
    await page.set_viewport_size({"width": 1000, "height": 1400})
    game = await opened(page, product, query)
    board = await game.board.bounding_box()
    assert board is not None
    assert board["x"] >= 0
    assert await page.evaluate("document.documentElement.scrollWidth") == 1000


async def test_no_state_of_the_page_violates_axe(product: Product, page: Page) -> None:
    game = await opened(page, product)
    await no_violations(game.page, SCHEMES)
    await game.seat("O", "You")
    await game.take(0, 4, 1, 2, 6, 3)
    await game.button("Hint").click()
    await expect(game.status).to_contain_text("Best")
    await no_violations(game.page, SCHEMES)
    await game.page.route(MOVE, lambda route: route.abort())
    await game.seat("X", "AI: easy")
    await game.seat("O", "AI: hard")
    await expect(game.page.get_by_role("alert")).to_be_visible()
    await no_violations(game.page, SCHEMES)


async def test_no_larger_board_violates_axe(product: Product, page: Page) -> None:
    game = await opened(page, product, "game=15x15x5&moves=h8i9h7i8")
    await analysed(game)
    await game.button("Share").click()
    await no_violations(game.page, SCHEMES)
    game = await opened(game.page, product, "game=ultimate&moves=d5b5d4b2f5h5e5d2")
    await analysed(game)
    await no_violations(game.page, SCHEMES)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (640, 400)])
async def test_it_fits_a_phone_and_a_zoom_of_200_percent(
    product: Product, page: Page, width: int, height: int
) -> None:
    await page.set_viewport_size({"width": width, "height": height})
    game = await opened(page, product)
    assert await game.page.evaluate("document.documentElement.scrollWidth") == width
    box = await game.board.bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(min(0.88 * width, 0.6 * height), abs=1)
    assert box["height"] == pytest.approx(box["width"], abs=1)
    game = await opened(game.page, product, "game=15x15x5")
    box = await game.board.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] / 2 == pytest.approx(width / 2, abs=1)
    assert box["x"] > 0


async def test_motion_is_left_out_where_it_is_not_wanted(product: Product, browser: Browser) -> None:
    context = await browser.new_context(reduced_motion="reduce")
    game = await opened(await context.new_page(), product)
    await game.take(0)
    assert await game.cell(0, "X").evaluate("cell => cell.getAnimations({subtree: true}).length") == 0
    await context.close()
