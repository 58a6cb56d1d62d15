"""Finding messages again: by words, in a thread and in all; going from hit to hit, to a day, and back."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, Route, expect

from shared.testing.long_thread import write_long
from shared.testing.product import Product
from shared.wire.ids import uuid7
from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent

LONG = 3000
FINGER_PX = 44
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
TOLD = {40: "the café by the sea", 1200: "Café closed", 2990: "no CAFES left"}


def words(who: Chatter) -> Locator:
    return who.page.get_by_label("Words to search for")


def hits(who: Chatter) -> Locator:
    return who.page.get_by_role("list", name="Messages found").get_by_role("link")


def status(who: Chatter) -> Locator:
    return who.page.get_by_role("dialog").get_by_role("status")


async def test_words_are_found_in_the_thread_and_lead_from_hit_to_hit_and_back(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, LONG, told=TOLD)
    await ann.open(bob)
    await ann.page.locator(".thread").get_by_role("button", name="Search messages").click()
    await expect(words(ann)).to_be_focused()
    await expect(status(ann)).to_have_text("Find what either of you wrote.")
    await no_violations(ann.page)
    await words(ann).fill("cafe")
    await expect(status(ann)).to_have_text("3 messages found")
    await expect(hits(ann).locator("mark")).to_have_text(["CAFE", "Café", "café"])
    await expect(hits(ann).locator(".name")).to_have_text(["Bob", "Bob", "Bob"])
    await no_violations(ann.page)
    await words(ann).press("Enter")
    for _ in range(4):  # sooner than any of them is loaded
        await ann.page.keyboard.press("F3")
    await expect(ann.message("by the sea")).to_be_focused()
    await ann.page.keyboard.press("Escape")
    await expect(ann.message(f"message {LONG}")).to_be_in_viewport()
    await ann.page.keyboard.press("Control+k")
    await ann.page.get_by_role("radio", name="This chat").check()
    await words(ann).fill("cafe")
    await expect(status(ann)).to_have_text("3 messages found")
    await words(ann).press("ArrowDown")
    await expect(hits(ann).first).to_be_focused()
    # What was typed just before is asked for only now. All of them are drawn again, and the focus is where it was.
    async with ann.page.expect_response("**/api/search?*"):
        await words(ann).evaluate("node => { node.value = 'CAFE'; node.dispatchEvent(new Event('input')); }")
    await expect(status(ann)).to_have_text("3 messages found")
    await expect(hits(ann).first).to_be_focused()
    await ann.page.keyboard.press("ArrowDown")
    await ann.page.keyboard.press("Enter")
    closed = ann.message("Café closed")
    await expect(closed).to_be_focused()
    bar = ann.page.get_by_role("group", name="Search results")
    await expect(bar).to_contain_text("2 of 3")
    await no_violations(ann.page)
    await bar.get_by_role("button", name="Older result").click()
    await expect(ann.message("by the sea")).to_be_focused()
    await expect(bar.get_by_role("button", name="Older result")).to_have_attribute("aria-disabled", "true")
    for text in ("Café closed", "no CAFES left"):
        await ann.page.keyboard.press("Shift+F3")
        await expect(ann.message(text)).to_be_focused()
    await ann.page.keyboard.press("F3")
    await expect(closed).to_be_focused()
    # All of them are still there; Escape closes the dialog first, and then leads back to where one was.
    await bar.get_by_role("button", name="2 of 3").click()
    await expect(hits(ann)).to_have_count(3)
    await ann.page.keyboard.press("Escape")
    await expect(bar).to_be_visible()
    await ann.page.keyboard.press("Escape")
    await expect(bar).to_be_hidden()
    await expect(ann.message(f"message {LONG}")).to_be_in_viewport()
    await expect(ann.button("Back")).to_be_hidden()


async def test_all_chats_are_searched_by_key_and_a_hit_opens_its_chat(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob, cid = await correspondent("Bob", ann), await correspondent("Cid", ann)
    await write_long(product, ann.username, bob.username, 60, told={7: "a walnut"})
    await write_long(product, ann.username, cid.username, 400, told=dict.fromkeys(range(1, 360), "walnut"))
    await ann.open()
    await ann.page.keyboard.press("Control+k")
    await expect(words(ann)).to_be_focused()
    await expect(ann.page.get_by_role("radio")).to_have_count(0)  # no chat is open
    await expect(status(ann)).to_have_text("Find what was written in any chat.")
    await ann.page.keyboard.type("walnut")
    await expect(status(ann)).to_have_text("More than 30 messages found")
    await expect(hits(ann).first).to_contain_text(re.compile("Cid.*You: message 0359 walnut"))
    await hits(ann).last.scroll_into_view_if_needed()
    await expect(hits(ann)).not_to_have_count(30)
    await words(ann).fill("a walnut")
    await expect(status(ann)).to_have_text("1 message found")
    await words(ann).press("Enter")
    await ann.page.wait_for_url(f"**/messages/{bob.username}")
    await expect(ann.message("a walnut")).to_be_focused()
    await ann.page.keyboard.press("Escape")
    await expect(ann.inbox).to_be_visible()
    await ann.page.wait_for_url("**/messages")
    # A slash writes a slash where one writes, and searches elsewhere; what is searched for can be left again.
    await ann.row(cid).click()
    await ann.box.press("/")
    await expect(ann.box).to_have_value("/")
    await ann.log.focus()
    await ann.page.keyboard.press("/")
    await expect(words(ann)).to_be_focused()
    await expect(ann.page.get_by_role("radio", name="All chats")).to_be_checked()
    await words(ann).fill("a walnut")
    await expect(status(ann)).to_have_text("1 message found")
    await ann.page.get_by_role("radio", name="This chat").check()
    await expect(status(ann)).to_have_text("No messages found for “a walnut”.")
    await no_violations(ann.page)
    await ann.page.keyboard.press("Escape")
    await ann.page.keyboard.press("/")
    await expect(words(ann)).to_have_value("")


async def test_what_is_opened_again_before_its_closing_is_known_begins_anew(
    alone: tuple[Chatter, Correspondent],
) -> None:
    """The event of a closed dialog comes a moment after it: later than a quick key."""
    ann, bob = alone
    again = (
        "([close, open]) => { document.querySelector(close).click(); document.querySelector(open).click(); }"
    )
    await ann.page.keyboard.press("Control+k")
    await words(ann).fill("walnut")
    await expect(status(ann)).to_have_text("No messages found for “walnut”.")
    await ann.page.evaluate(again, ["#search-close", "#search-here"])
    await expect(words(ann)).to_have_value("")
    await expect(status(ann)).to_have_text("Find what either of you wrote.")
    await ann.page.keyboard.press("Escape")
    await ann.button("New chat").click()
    await ann.page.evaluate(again, ["#people-close", "#new-chat"])
    await ann.page.get_by_label("Search people").fill(bob.username)
    await expect(ann.page.get_by_role("option").first).to_contain_text(bob.username)


async def test_a_search_that_fails_says_why_and_what_is_deleted_is_found_no_more(
    chatter: MakeChatter,
) -> None:
    ann, bob = await chatter("Ann"), await chatter("Bob")
    await bob.open(ann)
    await bob.say("a secret hazel", "<img src=x> hazel")
    await ann.open(bob)
    await ann.sees("a secret hazel", "<img src=x> hazel")
    held: asyncio.Queue[Route] = asyncio.Queue()
    await ann.page.route("**/api/search?*", held.put)
    await ann.page.keyboard.press("Control+k")
    await words(ann).fill("hazel")
    await expect(status(ann)).to_have_text("Searching…")
    await (await held.get()).fulfill(status=500)  # the page says it before the request is here
    await expect(status(ann)).to_have_text("Something went wrong on our side. Try again in a moment.")
    await no_violations(ann.page)
    await ann.page.unroute("**/api/search?*")
    async with asyncio.timeout(30):
        while await hits(ann).count() != 2:  # the index takes them in within two seconds
            await words(ann).fill("")
            async with ann.page.expect_response("**/api/search?*"):
                await words(ann).fill("hazel")
            await expect(status(ann)).to_have_text(re.compile("found"))
    await bob.choose("a secret hazel", "Delete")
    await bob.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(hits(ann)).to_have_count(1, timeout=30_000)  # five seconds it can be undone
    await expect(hits(ann)).to_contain_text("<img src=x> hazel")
    await ann.context.set_offline(True)
    await words(ann).fill("")
    await expect(status(ann)).to_have_text("You are offline. Searching needs a connection.")
    await words(ann).fill("hazelnut")
    await expect(status(ann)).to_have_text("You are offline. This is searched for when you are back.")
    await expect(ann.button("Retry")).to_be_visible()
    await ann.context.set_offline(False)
    await expect(status(ann)).to_have_text("No messages found for “hazelnut”.")
    await expect(ann.button("Retry")).to_be_hidden()


async def test_a_phone_searches_and_goes_to_a_day_in_its_own_zone(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    zone = ZoneInfo("Pacific/Kiritimati")
    ann = await chatter("Ann", **PHONE, timezone_id=zone.key, color_scheme="dark")
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, LONG)
    await ann.open()
    await ann.inbox.get_by_role("button", name="Search messages").tap()
    await no_violations(ann.page)
    await ann.button("Close").tap()
    await ann.row(bob).tap()
    await ann.loaded()
    await ann.page.locator(".thread").get_by_role("button", name="Search messages").tap()
    dialog = ann.page.get_by_role("dialog")
    for part in await dialog.locator("button:visible, input[type=date], label:has(input)").all():
        size: Any = await part.bounding_box()
        assert size["height"] >= FINGER_PX
    assert await ann.page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]
    day = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=40)
    await ann.page.get_by_label("Go to a date").fill(f"{day:%Y-%m-%d}")
    await ann.button("Go").tap()
    first = ann.messages.and_(ann.page.locator(":focus"))
    await expect(first).to_have_count(1)
    sent = datetime.fromisoformat(await first.locator("time").get_attribute("datetime") or "")
    assert timedelta() <= sent - day < timedelta(hours=1, minutes=1)
    await expect(dialog).to_be_hidden()
    await ann.button("Back").tap()
    await expect(ann.message(f"message {LONG}")).to_be_in_viewport()
    await ann.page.locator(".thread").get_by_role("button", name="Search messages").tap()
    for slip in ("12026-11-29", "0001-01-01"):  # what nobody means is not asked for
        date = ann.page.get_by_label("Go to a date")
        assert not await date.evaluate(
            "(field, day) => { field.value = day; return field.checkValidity(); }", slip
        )
    await ann.page.get_by_label("Go to a date").fill("2999-01-01")
    await ann.button("Go").tap()
    await expect(ann.message(f"message {LONG}")).to_be_in_viewport()


async def test_a_link_to_a_message_shows_it(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, 600, told={100: "pistachio"})
    await ann.open(bob)
    await ann.page.keyboard.press("Control+k")
    await words(ann).fill("pistachio")
    link = await hits(ann).first.get_attribute("href")
    for _ in ("on the page that is open", "on a page that opens"):
        await ann.page.goto(f"{ann.url}{link}")
        await expect(ann.message("pistachio")).to_be_focused()
        await ann.page.goto(f"{ann.url}/settings")


async def test_where_a_hit_or_a_day_leads_nowhere_one_is_told_and_stays(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, 600, told={100: "pistachio", 590: "pistachios"})
    await ann.open(bob)
    await ann.page.locator(".thread").get_by_role("button", name="Search messages").click()
    await words(ann).fill("pistachio")
    await expect(hits(ann)).to_have_count(2)
    await words(ann).press("Enter")
    await expect(ann.message("pistachios")).to_be_focused()
    await ann.context.set_offline(True)
    await ann.button("Older result").click()
    await expect(ann.page.locator("#note")).to_have_text("That message could not be loaded.")
    place = ann.page.locator("#hits-place")
    await expect(place).to_have_text("1 of 2")
    await ann.context.set_offline(False)
    await ann.button("Older result").click()
    await expect(place).to_have_text("2 of 2")
    await expect(ann.message("message 0100")).to_be_focused()
    await ann.page.locator(".thread").get_by_role("button", name="Search messages").click()
    await ann.page.get_by_label("Go to a date").fill("2999-01-01")
    await ann.button("Go").click()
    await expect(ann.page.locator("#note")).to_have_text("Nothing was written since that day.")
    await expect(ann.message("message 0600")).to_be_in_viewport()


async def test_who_goes_from_hit_to_hit_goes_on_after_a_deletion_and_an_outage(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write_long(
        product, ann.username, bob.username, 1000, told=dict.fromkeys(range(600, 1000), "walnut")
    )
    await ann.page.goto(f"{ann.url}/messages/{bob.username}#m-50")
    await expect(ann.message("message 0050")).to_be_focused()
    await ann.page.locator(".thread").get_by_role("button", name="Search messages").click()
    await words(ann).fill("walnut")
    await expect(hits(ann)).to_have_count(30)
    await hits(ann).last.dispatch_event("click")  # without scrolling there, which loads more
    place = ann.page.locator("#hits-place")
    await expect(place).to_have_text("30 of 30+")
    await ann.context.set_offline(True)
    async with ann.page.expect_event("requestfailed", lambda request: "/api/search" in request.url):
        await ann.page.keyboard.press("F3")
    offline = "You are offline. Searching needs a connection."
    await expect(ann.page.locator("#note")).to_have_text(offline)
    await no_violations(ann.page)
    await ann.context.set_offline(False)
    await ann.page.keyboard.press("F3")
    await expect(place).to_have_text("31 of 60+")
    await expect(ann.message("message 0969")).to_be_focused()
    body = {"client_id": str(uuid7()), "kind": "delete", "body": {"target": 969}}
    await ann.context.request.post(f"{ann.url}/api/threads/{bob.username}/events", data=body)
    await expect(place).to_have_text("")
    await ann.page.keyboard.press("F3")
    await expect(ann.message("message 0968")).to_be_focused()
    await expect(place).to_have_text("31 of 59+")
    await ann.context.set_offline(True)
    await ann.button("Back").click()
    await expect(ann.page.get_by_text("That message could not be loaded.")).to_be_visible()
    await expect(place).to_be_hidden()
    await ann.context.set_offline(False)
    await ann.button("Back").click()
    await expect(ann.message("message 0050")).to_be_in_viewport()
    await expect(ann.button("Back")).to_be_hidden()
