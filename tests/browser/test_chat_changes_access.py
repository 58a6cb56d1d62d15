"""Changing messages for everyone: by keyboard alone, by finger, in words of any direction."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FINGER_PX = 44


async def test_everything_is_done_by_keyboard(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await bob.say("from Bob")
    await ann.say("one", "two")
    await bob.sees("from Bob", "one", "two")
    keys, menu = ann.page.keyboard, ann.page.get_by_role("menu")
    await ann.box.focus()
    await keys.press("Shift+Tab")  # one stop for all messages
    last = ann.message("two").get_by_role("button", name="Message actions")
    await expect(last).to_be_focused()
    await expect(last).to_have_css("opacity", "1")
    await keys.press("ArrowUp")
    await keys.press("ArrowUp")
    first = ann.message("from Bob").get_by_role("button", name="Message actions")
    await expect(first).to_be_focused()
    await keys.press("Enter")
    await expect(first).to_have_attribute("aria-expanded", "true")
    await expect(menu.get_by_role("menuitem", name="React")).to_be_focused()
    await no_violations(ann.page)
    await keys.press("ArrowUp")
    await expect(menu.get_by_role("menuitem", name="Copy link")).to_be_focused()
    await keys.press("r")
    await expect(menu.get_by_role("menuitem", name="React")).to_be_focused()
    await keys.press("Escape")
    await expect(menu).to_be_hidden()
    await expect(first).to_be_focused()
    await keys.press("Space")
    await keys.press("Enter")  # React
    await keys.type("thumbs")
    await keys.press("ArrowDown")
    await keys.press("Enter")
    await expect(bob.button("👍, Ann")).to_be_visible()
    await expect(first).to_be_focused()
    await keys.press("Tab")
    await expect(ann.button("👍, Ann")).to_be_focused()
    await expect(ann.button("👍, Ann").locator(".chip-names")).to_be_visible()
    await keys.press("Space")
    await expect(bob.button("👍, Ann")).to_have_count(0)
    await ann.message("one").get_by_role("button", name="Message actions").focus()
    await keys.press("Enter")
    await keys.press("d")
    await keys.press("Enter")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(ann.button("Undo")).to_be_focused()
    await bob.sees("from Bob", "Ann deleted this message", "two")


async def test_a_key_waits_for_the_emoji_it_is_to_choose_from(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await bob.say("one")
    await ann.sees("one")
    asked, may_come = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await may_come.wait()
        await route.continue_()

    await ann.page.route("**/emoji.json", late)
    await ann.choose("one", "React")
    await ann.page.keyboard.type("thumbs up")
    await ann.page.keyboard.press("Enter")
    await asked.wait()
    may_come.set()
    await expect(bob.button("👍, Ann")).to_be_visible()


async def test_a_long_press_opens_the_menu_and_two_taps_are_a_heart(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", **PHONE)
    bob = await correspondent("Bob", ann)
    await bob.say("hello", "a word")
    await ann.open(bob)
    bubble = ann.message("a word").locator(".bubble")
    box: Any = await bubble.bounding_box()
    await ann.press_long(box["x"] + 10, box["y"] + 10)
    menu = ann.page.get_by_role("menu")
    await expect(menu).to_be_visible()
    for item in await menu.get_by_role("menuitem").filter(visible=True).all():
        size: Any = await item.bounding_box()
        assert size["height"] >= FINGER_PX
    await ann.log.tap(position={"x": 200, "y": 20})
    await expect(menu).to_be_hidden()
    await ann.tap(bubble, 2.0, 1.0)  # too far apart: else the next two would take a heart back
    await ann.tap(bubble, 0.1, 0.0)
    chip = ann.button("❤️, Ann")
    await expect(chip).to_be_visible()
    assert await ann.page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]
    await no_violations(ann.page)
    size = await chip.bounding_box()
    assert min(size["width"], size["height"]) >= FINGER_PX
    emoji: Any = await chip.locator(".chip-emoji").bounding_box()
    assert emoji["x"] + emoji["width"] / 2 == pytest.approx(size["x"] + size["width"] / 2, abs=1)


async def test_a_message_longer_than_the_page_has_its_menu_in_sight(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", **PHONE)
    bob = await correspondent("Bob", ann)
    await bob.say("\n".join(f"line {number}" for number in range(80)))
    await ann.open(bob)
    await ann.log.evaluate("(log) => log.scrollTo(0, log.scrollHeight)")
    await expect(ann.message("line 79").get_by_role("button", name="Message actions")).to_be_in_viewport()
    await ann.press_long(40, 600)
    await bob.say("meanwhile")
    await expect(ann.messages).to_have_count(2)
    await expect(ann.page.get_by_role("menu")).to_be_visible()


async def test_a_message_that_is_only_a_link_has_its_menu_by_finger(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", **PHONE)
    bob = await correspondent("Bob", ann)
    await bob.say("https://example.org/a/long/way")
    await ann.open(bob)
    box: Any = await ann.bubbles.get_by_role("link").bounding_box()
    await ann.press_long(box["x"] + 40, box["y"] + 5)
    await expect(ann.page.get_by_role("menu")).to_be_visible()
    assert len(ann.context.pages) == 1  # nor has the finger followed it


async def test_words_of_any_direction_stay_in_their_quote_and_chip(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", color_scheme="dark")
    bob = await correspondent("בוב שלום", ann)
    await ann.open(bob)
    await bob.say("שלום abc!", "مرحبا " * 60 + "w" * 200)
    await ann.choose("abc!", "Reply")
    await ann.say("hello")
    await ann.choose("مرحبا مرحبا", "Reply")
    await expect(ann.page.locator("#composer-doing")).to_contain_text("Replying to \u2068בוב")
    await ann.say("long")
    await expect(ann.messages).to_have_count(4)
    for width in (1280, 360):
        await ann.page.set_viewport_size({"width": width, "height": 800})
        assert await ann.page.evaluate("document.documentElement.scrollWidth") == width
        assert await ann.log.evaluate("(log) => log.scrollWidth <= log.clientWidth")
        await no_violations(ann.page)
