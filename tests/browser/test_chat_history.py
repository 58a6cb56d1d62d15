"""Older messages, new ones while scrolled up, and resuming where the page stopped."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Route, expect

from shared.testing.long_thread import write_long
from shared.testing.people import PASSWORD, Person
from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.frames import Wiretap
from tests.conftest import MakeCorrespondent
from tests.correspondent import Peer

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 700}}


async def write(who: Chatter, to: Peer, *texts: str) -> None:
    """Messages from a program, without a page."""
    person = Person(who.url, who.username, PASSWORD)
    await person.log_in()
    for text in texts:
        await person.send(to.username, text)
    await person.close()


async def top_of(locator: Locator) -> float:
    box = await locator.bounding_box()
    assert box is not None
    return box["y"]


async def scroll_to_top(who: Chatter) -> None:
    await who.log.evaluate("log => { log.scrollTop = 0 }")


@pytest_asyncio.fixture(loop_scope="session")
async def talkers(product: Product, chatter: MakeChatter) -> tuple[Chatter, Chatter]:
    """Ann on a phone and Bob, with 120 messages of Ann's behind them; both logged in, no page open."""
    ann, bob = await chatter("Ann", **PHONE), await chatter("Bob")
    await write_long(product, bob.username, ann.username, 120, read=0)
    return ann, bob


async def test_older_messages_load_when_scrolling_up_and_nothing_jumps(
    talkers: tuple[Chatter, Chatter],
) -> None:
    ann, bob = talkers
    await ann.open(bob)
    await expect(ann.message("message 0120")).to_be_in_viewport()
    held = ann.message("message 0090")
    await held.evaluate("node => node.scrollIntoView({ block: 'start' })")
    before = await top_of(held)
    for first in ("message 0051", "message 0021", "message 0001"):
        if await ann.message(first).count() == 0:
            await scroll_to_top(ann)
        await expect(ann.message(first)).to_have_count(1)
    await expect(ann.log).to_contain_text("This is the start of your chat with Bob.")
    assert await ann.bubbles.all_inner_texts() == [f"message {number:04}" for number in range(1, 121)]
    await held.evaluate("node => node.scrollIntoView({ block: 'start' })")
    assert abs(await top_of(held) - before) <= 1


async def test_the_line_being_read_stays_where_it_is_while_older_ones_come_in(
    talkers: tuple[Chatter, Chatter],
) -> None:
    ann, bob = talkers
    await ann.open(bob)
    await expect(ann.message("message 0120")).to_be_in_viewport()
    count = await ann.messages.count()
    text, before = await ann.log.evaluate(
        """log => {
            log.scrollTop = 500;
            const first = log.querySelector(".bubble");
            return [first.textContent, first.getBoundingClientRect().top];
        }"""
    )
    await expect(ann.messages).not_to_have_count(count)
    assert abs(await top_of(ann.message(text).locator(".bubble")) - before) <= 1


FIRST_IN_SIGHT = """log => {
  const top = log.getBoundingClientRect().top;
  const node = [...log.querySelectorAll("li.message")].find((each) => each.getBoundingClientRect().bottom > top + 1);
  return node.querySelector(".bubble").textContent;
}"""
# Waits until what follows a change of size is done, the scroll events of it too.
DRAWN = """async () => {
  for (const _ of [1, 2, 3]) await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
}"""
SIZES = [(1200, 800), (420, 800), (1200, 500), (390, 844), (844, 390), (390, 844), (1200, 800)]
GROWN = {
    "the type": "log => { document.documentElement.style.fontSize = '32px' }",
    "what is far above": "log => { log.querySelector('.bubble').style.paddingTop = '333px' }",
    "each line": "log => { for (const each of log.querySelectorAll('.bubble')) each.style.lineHeight = '3' }",
    "the composer": "log => { document.querySelector('#message').style.height = '150px' }",
}


async def test_the_first_message_in_sight_stays_whatever_gets_another_size(
    chatter: MakeChatter,
    correspondent: MakeCorrespondent,
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write(ann, bob, *(f"message {number:02} " + "and on " * (number * 7 % 60) for number in range(60)))
    await write(ann, bob, "the end")
    await ann.open(bob)
    await expect(ann.message("the end")).to_be_in_viewport()

    async def resized() -> AsyncIterator[str]:
        for width, height in SIZES:
            await ann.page.set_viewport_size({"width": width, "height": height})
            await ann.page.evaluate(DRAWN)
            yield f"{width} x {height}"
        for what, grow in GROWN.items():
            await ann.log.evaluate(grow)
            await ann.page.evaluate(DRAWN)
            yield what

    async for size in resized():
        ends = await ann.log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight")
        assert ends <= 1, size
    await ann.open(bob)
    await ann.message("message 30").evaluate("node => node.scrollIntoView({ block: 'start' })")
    for by in (0, 25):
        await ann.log.evaluate("(log, by) => log.scrollBy(0, by)", by)
        await ann.page.evaluate(DRAWN)
        first = await ann.log.evaluate(FIRST_IN_SIGHT)
        async for size in resized():
            assert await ann.log.evaluate(FIRST_IN_SIGHT) == first, size


async def test_going_to_a_place_within_the_page_keeps_the_line_being_read(
    talkers: tuple[Chatter, Chatter],
) -> None:
    ann, bob = talkers
    await ann.open(bob)
    await expect(ann.message("message 0120")).to_be_in_viewport()
    held = ann.message("message 0100")
    await held.evaluate("node => node.scrollIntoView({ block: 'start' })")
    before = await top_of(held)
    await ann.box.fill("half a thought")
    skip = ann.page.get_by_role("link", name="Skip to content")
    for go in (lambda: skip.press("Enter"), ann.page.go_back, ann.page.go_forward):
        await go()
        await ann.page.evaluate(DRAWN)
        assert abs(await top_of(held) - before) <= 1
        await expect(ann.box).to_have_value("half a thought")
    assert ann.page.url.endswith(f"/messages/{bob.username}#main")
    await ann.page.get_by_role("link", name="Back").click()
    await expect(ann.row(bob)).to_be_visible()
    await ann.page.go_back()
    await expect(ann.message("message 0120")).to_be_in_viewport()


async def test_a_new_message_scrolls_only_a_reader_who_is_at_the_end(
    talkers: tuple[Chatter, Chatter],
) -> None:
    ann, bob = talkers
    await ann.open(bob)
    await write(bob, ann, "at the end")
    await expect(ann.message("at the end")).to_be_in_viewport()
    await expect(ann.page).to_have_title("Duet")
    await scroll_to_top(ann)
    await expect(ann.button("Newest")).to_be_visible()
    await write(bob, ann, "one", "two", "three")
    jump = ann.button("3 new messages")
    await expect(jump).to_be_visible()
    await expect(ann.message("three")).not_to_be_in_viewport()
    await jump.click()
    await expect(ann.message("three")).to_be_in_viewport()
    await expect(jump).to_be_hidden()
    await scroll_to_top(ann)
    await ann.say("my own")
    await expect(ann.message("my own")).to_be_in_viewport()


async def test_a_thread_opens_at_the_first_unread_message(talkers: tuple[Chatter, Chatter]) -> None:
    ann, bob = talkers
    await ann.open(bob)
    await expect(ann.message("message 0120")).to_be_in_viewport()
    await ann.page.get_by_role("link", name="Back").click()
    await write(bob, ann, *(f"unread {number}" for number in range(1, 81)))
    await expect(ann.row(bob).locator(".badge")).to_have_text("80 unread")
    await ann.page.reload()
    await ann.row(bob).click()
    await expect(ann.log.get_by_text("Unread messages")).to_be_in_viewport()
    await expect(ann.message("unread 1").first).to_be_in_viewport()
    await expect(ann.message("unread 80")).not_to_be_in_viewport()
    await expect(ann.page).to_have_title(re.compile(r"^\([67]\d\) Duet$"))


async def test_a_page_of_a_thread_knows_what_was_read_before_the_socket_or_the_inbox_say_so(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    bob = await chatter("Bob")
    tap = await Wiretap.on(bob.page)
    tap.refuse = True
    await bob.page.route("**/api/threads?*", lambda route: None)
    divider = bob.log.get_by_text("Unread messages")
    for read, unread in [(40, 0), (120, 0), (40, 3), (120, 3), (120, 80)]:
        ann = await correspondent("Ann", bob)
        await write_long(product, bob.username, ann.username, read)
        await ann.say(*(f"unread {number}" for number in range(1, unread + 1)))
        await bob.open(ann)
        if not unread:
            await expect(bob.message(f"message {read:04}")).to_be_in_viewport()
            await expect(divider).to_have_count(0)
            continue
        await expect(divider).to_be_in_viewport()
        await expect(bob.message("unread 1").first).to_be_in_viewport()
        below = bob.log.locator(".unread-divider ~ .message .bubble")
        assert await below.all_inner_texts() == [f"unread {number}" for number in range(1, unread + 1)]


async def test_a_thread_that_failed_to_load_says_so_in_no_other(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob, cid = await correspondent("Bob", ann), await correspondent("Cid", ann)
    await bob.say("from Bob")
    await cid.say("from Cid")
    held: asyncio.Queue[Route] = asyncio.Queue()
    await ann.page.route(f"**/threads/{bob.username}/messages?*", held.put)
    await ann.open()
    await ann.row(bob).click()
    await expect(ann.log).to_contain_text("Loading messages")
    await ann.row(cid).click()
    await ann.sees("from Cid")
    async with ann.page.expect_event("requestfailed"):
        await (await held.get()).abort()
    await ann.say("to Cid")
    await ann.sees("from Cid", "to Cid")
    await expect(ann.log).not_to_contain_text("could not be loaded")


async def test_messages_are_unread_until_they_were_on_screen(talkers: tuple[Chatter, Chatter]) -> None:
    ann, bob = talkers
    await bob.open(ann)
    await ann.open(bob)
    await scroll_to_top(ann)
    await bob.say("below the fold")
    await expect(ann.button("1 new message")).to_be_visible()
    await expect(bob.message("below the fold").locator(".state")).to_have_text("Delivered")
    await ann.button("1 new message").click()
    await expect(bob.message("below the fold").locator(".state")).to_have_text("Read")


async def test_a_page_that_was_away_resumes_at_its_cursor(talkers: tuple[Chatter, Chatter]) -> None:
    ann, bob = talkers
    tap = await Wiretap.on(ann.page)
    await ann.open(bob)
    await expect(ann.message("message 0120")).to_be_in_viewport()
    await tap.welcomed()
    await write(bob, ann, "live")
    await expect(ann.message("live")).to_have_count(1)
    tap.refuse = True
    tap.cut()
    await expect(ann.page.get_by_text("Connection lost.")).to_be_visible()
    await write(bob, ann, "missed 1", "missed 2")
    tap.refuse = False
    await expect(ann.message("missed 2")).to_have_count(1)
    assert tap.hellos[-1] == {bob.username: 121}
    assert (await ann.bubbles.all_inner_texts())[-4:] == ["message 0120", "live", "missed 1", "missed 2"]


async def test_three_hundred_missed_messages_are_replayed_without_a_reload(
    talkers: tuple[Chatter, Chatter],
) -> None:
    ann, bob = talkers
    await ann.open(bob)
    await expect(ann.message("message 0120")).to_be_in_viewport()
    await ann.context.set_offline(True)
    await expect(ann.page.get_by_text("Connection lost.")).to_be_visible()
    missed = [f"missed {number}" for number in range(1, 301)]
    await write(bob, ann, *missed)
    await ann.context.set_offline(False)
    await expect(ann.message("missed 300")).to_have_count(1)
    texts = await ann.bubbles.all_inner_texts()
    assert texts[-300:] == missed
    assert texts[-301] == "message 0120"


async def test_a_restored_log_makes_the_page_load_everything_anew(talkers: tuple[Chatter, Chatter]) -> None:
    ann, bob = talkers
    tap = await Wiretap.on(ann.page)
    await ann.open(bob)
    await expect(ann.message("message 0120")).to_be_in_viewport()
    await tap.welcomed()
    tap.change_welcome = {"log": "00000000-0000-7000-8000-000000000001"}
    async with ann.page.expect_response(lambda answer: "/messages?" in answer.url):
        tap.cut()
    await write(bob, ann, "after the restore")
    await expect(ann.message("after the restore")).to_have_count(1)
    texts = await ann.bubbles.all_inner_texts()
    assert texts == sorted(set(texts), key=texts.index)
    assert texts[-2:] == ["message 0120", "after the restore"]


async def test_a_restored_log_makes_every_tab_load_everything_anew(talkers: tuple[Chatter, Chatter]) -> None:
    ann, bob = talkers
    tabs = [ann, await ann.another_tab()]
    taps = [await Wiretap.on(tab.page) for tab in tabs]
    for tab, tap in zip(tabs, taps, strict=True):
        await tab.open(bob)
        await tap.welcomed()
        tap.change_welcome = {"log": "00000000-0000-7000-8000-000000000001"}
    for tab, tap in zip(tabs, taps, strict=True):
        async with tab.page.expect_response(lambda answer: "/messages?" in answer.url):
            tap.cut()
        await expect(tab.message("message 0120")).to_have_count(1)


async def test_a_larger_window_that_shows_the_end_needs_no_button_to_it(
    talkers: tuple[Chatter, Chatter],
) -> None:
    ann, bob = talkers
    await ann.open(bob)
    await expect(ann.message("message 0120")).to_be_in_viewport()
    await ann.log.evaluate("log => log.scrollBy(0, -200)")
    await expect(ann.button("Newest")).to_be_visible()
    await ann.page.set_viewport_size({"width": 1280, "height": 950})
    await expect(ann.button("Newest")).to_be_hidden()
