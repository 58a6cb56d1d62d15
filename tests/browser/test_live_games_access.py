"""Games in a thread for everyone: keyboard alone, screen reader, phone, dark; and the modules behind them."""

import re

from playwright.async_api import expect

from tests.axe import Look, no_violations
from tests.browser.conftest import MakeChatter
from tests.browser.player import Player, play

NARROW = {"width": 360, "height": 740}
LOOKS = (Look("dark", (360, 740)), Look("light", (1280, 800)))


async def test_a_game_needs_no_mouse_and_is_told_in_words(chatter: MakeChatter) -> None:
    ann, bob = Player(await chatter("Ann")), Player(await chatter("Bob"))
    await ann.chatter.open(bob.chatter)
    await bob.chatter.open(ann.chatter)
    keys, news = ann.page.keyboard, ann.page.locator("#game-news")
    await ann.chatter.button("Game").focus()
    await keys.press("Enter")
    await expect(ann.page.get_by_role("dialog", name="New game")).to_be_visible()
    await ann.page.get_by_role("button", name="Offer game").focus()
    await keys.press("Enter")
    await expect(ann.card).to_be_visible()
    await expect(bob.page.locator("#game-news")).to_have_text("Ann offers you a game.")
    await bob.button("Accept game").focus()
    await bob.page.keyboard.press("Enter")
    await expect(bob.status).to_be_focused()
    await expect(news).to_have_text("Bob accepted. Your move.")
    await ann.cell(0).focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        await keys.press(key)
    await ann.shows("....X....")
    await expect(ann.cell(4, "X")).to_be_focused()
    await expect(bob.page.locator("#game-news")).to_have_text("Ann takes row 2, column 2. Your move.")
    await bob.take(0)
    await expect(news).to_have_text("Bob takes row 1, column 1. Your move.")
    await expect(ann.cell(4, "X")).to_be_focused()


async def test_no_state_of_a_game_violates_axe(chatter: MakeChatter) -> None:
    ann, bob = Player(await chatter("Ann")), Player(await chatter("Bob"))
    await ann.chatter.open(bob.chatter)
    await bob.chatter.open(ann.chatter)
    await ann.chatter.button("Game").click()
    await ann.page.get_by_label("Game", exact=True).select_option("size")
    await no_violations(ann.page, LOOKS)
    await ann.page.keyboard.press("Escape")
    await bob.offer(Clock="180+2")
    await expect(ann.button("Accept game")).to_be_visible()
    for look in LOOKS:
        await look.on(ann.page)
        assert await ann.page.evaluate("document.documentElement.scrollWidth === innerWidth"), look
    await no_violations(ann.page, LOOKS)
    await ann.press("Accept game")
    await play((bob, 4), (ann, 0))
    await expect(bob.status).to_have_text("Your move.")  # a tap while the board changes is swallowed
    await bob.press("Offer draw")
    await expect(ann.button("Accept draw")).to_be_visible()
    await ann.press("Take back")
    await no_violations(ann.page, LOOKS)
    await play((bob, 3), (ann, 8), (bob, 5))
    await expect(ann.button("Rematch")).to_be_visible()
    await no_violations(ann.page, LOOKS)
    await ann.press("Rematch")
    await expect(ann.over).to_be_visible()
    await ann.page.context.set_offline(True)
    await expect(ann.card).to_contain_text("You are offline.")
    await no_violations(ann.page, LOOKS)


async def test_the_largest_board_fits_a_phone(chatter: MakeChatter) -> None:
    ann = Player(await chatter("Ann", viewport=NARROW, has_touch=True, is_mobile=True), 15)
    bob = await chatter("Bob")
    await ann.chatter.open(bob)
    await ann.offer(Game="15x15x5", O_is="easy")
    await ann.settled()
    await ann.cell(112).tap()
    await expect(ann.status).to_have_text("Tap again to take row 8, column 8.")
    await ann.cell(112).tap()
    await expect(ann.cell(112, "X")).to_be_visible()
    await expect(ann.board.get_by_role("button", name=re.compile(", O$"))).to_have_count(1)
    for width in (NARROW["width"], 320):
        await ann.page.set_viewport_size({"width": width, "height": NARROW["height"]})
        assert await ann.page.evaluate("document.documentElement.scrollWidth") == width
        board = await ann.board.bounding_box()
        assert board is not None
        assert board["x"] >= 0
        assert board["x"] + board["width"] <= width
