"""Two people write to each other in two browsers."""

import re

from playwright.async_api import expect

from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent


async def test_two_strangers_find_each_other_and_talk(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann Ahlberg"), await chatter("Bob")
    await ann.open()
    await bob.open()
    await ann.start_chat(bob)
    await ann.say("Hello Bob")
    await expect(bob.row(ann)).to_contain_text("Hello Bob")
    await bob.row(ann).click()
    await bob.say("Hello Ann", "how are you?")
    for somebody in (ann, bob):
        await somebody.sees("Hello Bob", "Hello Ann", "how are you?")
    first, second = ann.messages.nth(0), ann.messages.nth(1)
    await expect(first.locator(".sender")).to_have_text("Ann Ahlberg")
    await expect(second.locator(".sender")).to_have_text("Bob")
    await expect(ann.log.get_by_text("Today")).to_have_count(1)
    assert await ann.stored_with(bob) == ["Hello Bob", "Hello Ann", "how are you?"]


async def test_unread_messages_are_counted_in_the_row_and_in_the_title(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob, eve = await correspondent("Bob", ann), await correspondent("Eve", ann)
    await ann.open()
    await bob.say("one", "two")
    await eve.say("three")
    await expect(ann.row(bob).locator(".badge")).to_have_text("2 unread")
    await expect(ann.page).to_have_title("(3) Duet")
    await expect(ann.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon-unread"))
    await ann.page.reload()
    await expect(ann.page).to_have_title("(3) Duet")
    await ann.row(bob).click()
    await expect(ann.log.get_by_text("Unread messages")).to_be_visible()
    await expect(ann.page).to_have_title("(1) Duet")
    await expect(ann.row(bob).locator(".badge")).to_have_count(0)
    await ann.row(eve).click()
    await expect(ann.page).to_have_title("Duet")
    await expect(ann.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon.svg"))


async def test_what_comes_while_a_row_is_pressed_takes_no_press_away(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob, cid = await correspondent("Bob", ann), await correspondent("Cid", ann)
    await cid.say("from Cid")
    await bob.say("from Bob")
    await ann.open()
    await ann.row(bob).get_by_text("from Bob").hover()
    await ann.page.mouse.down()
    await bob.say("meanwhile")
    await cid.say("meanwhile, too")
    await expect(ann.page).to_have_title("(4) Duet")  # that is here, and the rows stay as they were
    await ann.page.mouse.up()
    await ann.page.wait_for_url(f"**/messages/{bob.username}")
    await ann.sees("from Bob", "meanwhile")
    await expect(ann.page.locator("#inbox-rows li").first).to_contain_text("meanwhile, too")
    await ann.row(cid).hover()
    await ann.page.mouse.down()
    await ann.box.hover()  # it is let go elsewhere
    await ann.page.mouse.up()
    await cid.say("and on")
    await expect(ann.row(cid)).to_contain_text("and on")


async def test_reading_in_one_tab_clears_the_count_in_the_other(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await ann.open()
    await bob.say("one", "two")
    await expect(ann.page).to_have_title("(2) Duet")
    other = await ann.context.new_page()
    await other.goto(f"{ann.url}/messages/{bob.username}")
    await expect(other).to_have_title("Duet")
    await expect(ann.page).to_have_title("Duet")


async def test_typing_and_presence_are_shown(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await ann.say("hello")
    await bob.sees("hello")
    status = ann.page.locator("#peer-status")
    await expect(status).to_have_text("online")
    await bob.box.press_sequentially("I th")
    await expect(status).to_have_text("typing…")
    await expect(ann.row(bob)).to_contain_text("typing…")
    await expect(status).to_have_text("online")
    await bob.box.press_sequentially("ink")
    await expect(status).to_have_text("typing…")
    await bob.box.press("Enter")
    await expect(status).to_have_text("online")
    await bob.page.close()
    await expect(status).to_have_text(re.compile("^last seen"))


async def test_text_stays_text_and_only_web_addresses_become_links(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    texts = [
        "<img src=x onerror=alert(1)> <b>bold</b>",
        "see https://example.org/a_(b)?c=d. javascript:alert(1) ftp://example.org",
        "two\n\n  lines",
    ]
    for text in texts:
        await ann.box.fill(text)
        await ann.button("Send").click()
    await expect(bob.bubbles).to_have_count(3)
    assert [await bubble.evaluate("node => node.textContent") for bubble in await bob.bubbles.all()] == texts
    links = bob.log.get_by_role("link")
    await expect(links).to_have_count(1)
    await expect(links).to_have_attribute("href", "https://example.org/a_(b)?c=d")
    await expect(links).to_have_attribute("rel", "noopener noreferrer")
    await expect(links).to_have_attribute("target", "_blank")


async def test_enter_sends_and_shift_enter_breaks_the_line(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    await ann.box.press_sequentially("one")
    await ann.box.press("Shift+Enter")
    await ann.box.press_sequentially("two")
    await ann.box.press("Enter")
    await bob.sees("one\ntwo")
    await expect(ann.box).to_have_value("")
    await expect(ann.box).to_be_focused()
    await ann.say("   ", "\n")
    await ann.say("after the blank ones")
    await bob.sees("one\ntwo", "after the blank ones")


async def test_enter_that_ends_a_composition_does_not_send(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    session = await ann.context.new_cdp_session(ann.page)
    await ann.box.focus()
    await session.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    process_key = {"windowsVirtualKeyCode": 229, "key": "Enter", "code": "Enter"}
    await session.send("Input.dispatchKeyEvent", {"type": "keyDown", **process_key})
    await session.send("Input.dispatchKeyEvent", {"type": "keyUp", **process_key})
    await session.send("Input.insertText", {"text": "日本"})
    await expect(ann.box).to_have_value("日本")
    await ann.box.press("Enter")
    await bob.sees("日本")


async def test_drafts_are_kept_for_each_thread(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob, eve = await correspondent("Bob", ann), await correspondent("Eve", ann)
    for somebody in (bob, eve):
        await somebody.say("hello")
    await ann.open(bob)
    await ann.box.fill("for Bob")
    await ann.row(eve).click()
    await expect(ann.box).to_have_value("")
    await ann.box.fill("for Eve")
    await ann.page.reload()
    await expect(ann.box).to_have_value("for Eve")
    await ann.page.go_back()
    await expect(ann.page.get_by_role("heading", name="Bob")).to_be_visible()
    await expect(ann.box).to_have_value("for Bob")


async def test_a_text_that_is_too_long_is_counted_and_not_sent(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    await ann.box.fill("é" * 3499)
    counter = ann.page.locator("#counter")
    await expect(counter).to_be_hidden()
    await ann.box.fill("e\u0301" * 3500)
    await expect(counter).to_have_text("3,500 of 4,000")
    await ann.box.fill("😀" * 4001)
    await expect(counter).to_have_text("1 character too many")
    await expect(ann.button("Send")).to_be_disabled()
    await ann.box.fill("😀" * 4000)
    await ann.button("Send").click()
    await bob.sees("😀" * 4000)
