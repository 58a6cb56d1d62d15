"""Windows' high contrast and its like, on every page: no state is told by a background that is taken away."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.pictures import look_alike
from tests.browser.player import Player
from tests.browser.table import Table

FORCED: dict[str, Any] = {"forced_colors": "active", "color_scheme": "dark"}


class Eye:
    """Sees whether a state shows: by looking at its element with it, and without it."""

    def __init__(self, blank: Page) -> None:
        self.blank = blank

    async def sees(self, part: Locator, without: str, room: int = 4) -> None:
        """without: what takes the state off `node`, in JavaScript. room: what is looked at around it, in px."""
        await part.page.evaluate("document.activeElement?.blur()")
        await self._sees(part, without, room)

    async def sees_focus(self, *parts: Locator) -> None:
        for part in parts:
            await part.focus()
            await self._sees(part, "node.blur()", 6)

    async def _sees(self, part: Locator, without: str, room: int) -> None:
        await part.evaluate("(node) => node.scrollIntoView({block: 'nearest'})")
        await part.page.mouse.move(0, 0)
        while (box := await part.bounding_box()) is None:  # drawn anew just then
            await expect(part).to_be_visible()
        clip: Any = {
            "x": max(0, box["x"] - room),
            "y": max(0, box["y"] - room),
            "width": box["width"] + 2 * room,
            "height": box["height"] + 2 * room,
        }
        shown = await part.page.screenshot(clip=clip, animations="disabled")
        await part.evaluate(f"(node) => {{ {without} }}")
        gone = await part.page.screenshot(clip=clip, animations="disabled")
        assert not await look_alike(self.blank, shown, gone), f"{part} without {without}"


@pytest_asyncio.fixture(loop_scope="session")
async def forced(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(**FORCED)
    yield context
    await context.close()


async def test_the_board_shows_who_won_where_and_what_came_last(
    product: Product, forced: BrowserContext
) -> None:
    eye, page = Eye(await forced.new_page()), await forced.new_page()
    for query, won in [
        ("moves=a1b1a2b2a3", 0),
        ("game=misere&moves=a1b1a2b2a3", 0),
        ("game=15x15x5&moves=a1b1a2b2a3b3a4b4a5", 0),
    ]:
        await page.goto(f"{product.url}/tictactoe?{query}")
        table = Table(page, 15 if "15" in query else 3)
        await expect(table.status).to_contain_text("win")
        stones, cells = page.locator(".cell .stone"), page.locator(".cell")
        assert await stones.count() in (5, 9)
        await eye.sees(cells.nth(won).locator(".stone"), "node.remove()", 0)
        await eye.sees(cells.nth(won), "node.classList.remove('won')")
        await eye.sees(cells.nth(1), "node.querySelector('.stone').remove()", 0)
    await page.goto(f"{product.url}/tictactoe?moves=a1b1")
    await eye.sees(page.locator(".cell.last"), "node.classList.remove('last')", 0)
    await eye.sees(page.locator(".seat.on-turn"), "node.classList.remove('on-turn')")
    await page.goto(f"{product.url}/tictactoe?game=15x15x5&moves=h8i9")
    await eye.sees(page.locator(".cell.last"), "node.classList.remove('last')", 0)


async def test_ultimate_shows_the_boards_that_are_open_and_those_that_are_won(
    product: Product, forced: BrowserContext
) -> None:
    eye, page = Eye(await forced.new_page()), await forced.new_page()
    await page.goto(f"{product.url}/tictactoe?game=ultimate&moves=d5b5d4b2f5h5e5d2")
    await eye.sees(page.locator(".zone.target").first, "node.classList.remove('target')")
    await eye.sees(page.locator(".zone .stone").first, "node.remove()")
    await eye.sees(page.locator(".zone").first, "node.classList.add('won')")


async def test_advice_and_what_is_pressed_show(product: Product, forced: BrowserContext) -> None:
    eye, page = Eye(await forced.new_page()), await forced.new_page()
    await page.goto(f"{product.url}/tictactoe?moves=a1b1")
    table = Table(page)
    await eye.sees(table.button("New game"), "node.classList.remove('primary')")
    await eye.sees(table.button("Undo"), "node.setAttribute('aria-disabled', 'true')")
    await table.button("Hint").click()
    await expect(table.status).to_contain_text("Best")
    await eye.sees(table.button("Hint"), "node.setAttribute('aria-pressed', 'false')")
    await eye.sees(page.locator(".worth .best"), "node.textContent = ''", 0)
    await eye.sees(page.locator("[data-worth=win]").first, "node.dataset.worth = 'loss'", 0)
    await page.goto(f"{product.url}/tictactoe?game=15x15x5&moves=h8i9h7i8")
    analysis = page.get_by_role("switch", name="Analysis")
    await eye.sees_focus(analysis, table.button("Hint"), table.cell(0), page.get_by_label("O is"))
    await analysis.check()
    await eye.sees(page.locator(".worth:has(.best)").first, "node.querySelector('.best').remove()", 0)


async def test_a_thinking_ai_is_seen_to_think(product: Product, forced: BrowserContext) -> None:
    eye, page = Eye(await forced.new_page()), await forced.new_page()
    await page.goto(f"{product.url}/tictactoe")
    status = Table(page).status
    await status.evaluate("(node) => { node.classList.add('busy'); node.textContent = ''; }")
    await eye.sees(status, "node.style.transform = 'rotate(90deg)'", 0)


async def test_the_crosshair_of_a_first_tap_shows(
    product: Product, browser: Browser, forced: BrowserContext
) -> None:
    phone = await browser.new_context(
        **FORCED, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    eye, page = Eye(await forced.new_page()), await phone.new_page()
    await page.goto(f"{product.url}/tictactoe?game=15x15x5")
    await Table(page, 15).cell(112).tap()
    for part in (".aim-row", ".aim-column", ".aim"):
        await eye.sees(page.locator(part), "node.remove()")
    await phone.close()


async def test_the_chat_shows_what_is_open_unread_chosen_and_who_is_here(
    chatter: MakeChatter,
) -> None:
    ann, bob = await chatter("Ann", **FORCED), await chatter("Bob")
    eye, page = Eye(await ann.context.new_page()), ann.page
    await bob.open(ann)
    await bob.say("one", "two")
    await ann.open()
    row = ann.row(bob)
    await eye.sees(row.locator(".badge"), "node.textContent = ''", 0)
    await eye.sees(row.locator(".dot"), "node.classList.remove('dot')")
    await eye.sees(row.locator(".avatar"), "node.classList.remove('avatar')")
    await eye.sees_focus(ann.button("New chat"), ann.button("Log out"), row)
    await eye.sees(ann.button("New chat"), "node.replaceChildren()", 0)
    await page.reload()
    await row.click()
    await ann.loaded()
    await expect(row.locator(".badge")).to_be_hidden()  # the row is drawn anew when it is read
    await eye.sees(ann.log.locator(".unread-divider"), "node.classList.remove('unread-divider')")
    await eye.sees(row, "node.removeAttribute('aria-current')")
    await eye.sees(ann.log.locator(".day"), "node.classList.remove('day')")
    await eye.sees(ann.bubbles.first, "node.classList.remove('bubble')")
    await ann.box.fill("x")
    await eye.sees(ann.button("Send"), "node.disabled = true")
    await page.reload()
    await ann.button("New chat").click()
    chosen = page.get_by_role("option", selected=True)
    await expect(chosen).to_have_count(1)
    await eye.sees(chosen, "node.setAttribute('aria-selected', 'false')")
    await page.keyboard.press("Escape")
    await ann.context.set_offline(True)
    banner = page.locator("#banner")
    await expect(banner).to_contain_text("Connection lost")
    await eye.sees(
        page.locator("#banner-words"), "node.style.visibility = 'hidden'", 0
    )  # new words come meanwhile
    await eye.sees(banner, "node.remove()")  # hidden, it would come again with its next words


async def test_what_is_chosen_given_quoted_and_deleted_shows(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann", **FORCED), await chatter("Bob")
    eye, page = Eye(await ann.context.new_page()), ann.page
    await ann.open(bob)
    await bob.open(ann)
    await bob.say("one")
    await ann.choose("one", "Reply")
    await eye.sees(page.locator("#composer-bar"), "node.style.visibility = 'hidden'", 0)
    await ann.say("two")
    await expect(ann.message("two").locator(".state")).to_have_text("Read")  # or it is drawn anew when it is
    await ann.message("one").locator(".bubble").dblclick()
    chip = ann.button("❤️, Ann")
    await eye.sees(chip, "node.setAttribute('aria-pressed', 'false')")
    await page.keyboard.press("Tab")  # a focus by mouse has no ring
    await eye.sees_focus(
        ann.message("one").get_by_role("button", name="Message actions"), ann.message("two").locator(".quote")
    )
    await eye.sees(ann.message("two").locator(".quote"), "node.classList.remove('quote')", 0)
    await page.get_by_role("button", name="Message actions").first.focus()
    await page.keyboard.press("Enter")
    item = page.get_by_role("menuitem", name="React")
    shown = await page.screenshot()
    await page.keyboard.press("ArrowDown")
    assert not await look_alike(eye.blank, shown, await page.screenshot()), "no item is marked"
    await item.click()
    own = page.get_by_role("dialog").get_by_role("button", name="❤️").first
    await eye.sees(own, "node.removeAttribute('aria-pressed')", 0)
    await page.keyboard.press("Escape")
    await ann.choose("two", "Delete")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(ann.message("Message deleted")).to_be_visible()
    await eye.sees(ann.message("Message deleted"), "node.classList.remove('gone')", 0)


async def test_a_game_in_a_thread_shows_its_turn_and_its_end(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann", **FORCED), await chatter("Bob")
    await ann.open(bob)
    await bob.open(ann)
    game, other = Player(ann), Player(bob)
    await game.begin(other, x="me", o="peer", clock={"initial_s": 60, "increment_s": 0})
    eye = Eye(await ann.context.new_page())
    await expect(game.status).to_have_text("Your move.")
    await eye.sees(game.card.locator(".game-seat.on-turn"), "node.classList.remove('on-turn')")
    await eye.sees(game.card.locator(".game-time").first, "node.classList.add('low')")
    await eye.sees(game.button("Offer draw"), "node.setAttribute('aria-disabled', 'true')")
    for player, cell in [(game, 0), (other, 3), (game, 1), (other, 4), (game, 2)]:
        await player.take(cell)
    won = game.cell(0, "X")
    await expect(won).to_have_class("cell won")
    await eye.sees(won.locator(".stone"), "node.remove()", 0)
    await eye.sees(won, "node.classList.remove('won')", 0)
    await eye.sees(game.card.locator(".game-seat.winner"), "node.classList.remove('winner')")


async def test_the_account_pages_show_what_can_be_pressed(chatter: MakeChatter, product: Product) -> None:
    ann = await chatter("Ann", **FORCED)
    page: Page = ann.page
    eye = Eye(await ann.context.new_page())
    await page.goto(f"{product.url}/settings")
    await eye.sees(page.locator("#own-avatar .avatar"), "node.classList.remove('avatar')")
    await eye.sees(ann.button("Change password"), "node.classList.remove('primary')")
    await eye.sees(ann.button("Log out"), "node.disabled = true")
    await ann.context.clear_cookies()
    await page.goto(f"{product.url}/login")
    name = page.get_by_label("Username")
    await name.press("Enter")
    await eye.sees(name, "node.removeAttribute('aria-invalid')")
    await eye.sees_focus(
        name, ann.button("Show what is typed"), page.get_by_role("link", name="Skip to content")
    )
    await eye.sees(ann.button("Log in"), "node.disabled = true")


async def test_the_pages_keep_their_looks_where_no_colours_are_forced(pair: tuple[Chatter, Chatter]) -> None:
    ann, _ = pair
    colour = "(node) => getComputedStyle(node).backgroundColor"
    assert await ann.button("New chat").evaluate(colour) == "rgb(43, 76, 155)"
