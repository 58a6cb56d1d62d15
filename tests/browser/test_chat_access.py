"""The chat for everyone: keyboard alone, screen reader, phone, zoom, dark; and how much it loads."""

import re
from typing import Any

from playwright.async_api import Locator, Page, Response, expect

from shared.testing.product import Product
from tests.axe import SCHEMES, Look, no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TWO_PANES_PX = 800
LOOKS = [Look(scheme, size) for size in ((390, 844), (1280, 800)) for scheme in ("light", "dark")]
MAX_TRANSFER_BYTES = 100_000


async def place(part: Locator) -> Any:
    """Where it is: x, y, width, height."""
    box = await part.bounding_box()
    assert box is not None
    return box


async def test_a_chat_needs_no_mouse(chatter: MakeChatter, correspondent: MakeCorrespondent) -> None:
    ann = await chatter("Ann")
    bob, _ = await correspondent("Bob", ann), await correspondent("Eve", ann)
    await ann.open()
    keys = ann.page.keyboard
    await keys.press("Tab")
    await expect(ann.page.get_by_role("link", name="Skip to content")).to_be_focused()
    await ann.button("New chat").focus()
    await keys.press("Enter")
    search = ann.page.get_by_label("Search people")
    await expect(search).to_be_focused()
    await keys.press("Escape")
    await expect(ann.page.get_by_role("dialog")).to_be_hidden()
    await expect(ann.button("New chat")).to_be_focused()
    await keys.press("Enter")
    await expect(search).to_be_focused()
    await keys.type(bob.username)
    chosen = ann.page.get_by_role("option", selected=True)
    await expect(ann.page.get_by_role("option")).to_have_count(1)
    await expect(chosen).to_contain_text(f"@{bob.username}")
    await keys.press("Enter")
    await ann.page.wait_for_url(f"**/messages/{bob.username}")
    await expect(ann.box).to_be_focused()
    await keys.type("Hello")
    await keys.press("Enter")
    await ann.sees("Hello")
    await expect(ann.row(bob)).to_have_attribute("aria-current", "page")


async def test_the_arrow_keys_move_through_the_people(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    for name in ("Bob", "Eve", "Zoe"):
        await correspondent(name, ann)
    await ann.open()
    await ann.button("New chat").click()
    options, chosen = ann.page.get_by_role("option"), ann.page.get_by_role("option", selected=True)
    await expect(options.nth(2)).to_be_visible()
    search = ann.page.get_by_label("Search people")
    for key, index in [("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("ArrowUp", 0), ("ArrowUp", 0)]:
        await search.press(key)
        await expect(chosen).to_have_count(1)
        await expect(options.nth(index)).to_have_attribute("aria-selected", "true")
        identity = await options.nth(index).get_attribute("id")
        await expect(search).to_have_attribute("aria-activedescendant", identity or "")


async def test_enter_waits_for_the_people_who_were_asked_for(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await ann.open()
    await ann.button("New chat").click()
    await expect(ann.page.get_by_role("option").first).to_be_visible()
    search = ann.page.get_by_label("Search people")
    await search.fill(bob.username)
    await search.press("Enter")
    await ann.page.wait_for_url(f"**/messages/{bob.username}")
    await ann.button("New chat").click()
    await search.fill("nobody of that name")
    await search.press("Enter")
    await expect(ann.page.get_by_text("Nobody found for")).to_be_visible()
    await expect(search).to_be_focused()


async def test_the_people_list_shows_who_is_online_and_finds_by_both_names(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann"), await chatter("Bobberson")
    await bob.open()
    await expect(bob.page.get_by_text("No chats yet")).to_be_visible()
    await ann.open()
    await ann.button("New chat").click()
    search = ann.page.get_by_label("Search people")
    for query in (bob.username, "Bobberson"):
        await search.fill(query)
        found = ann.page.get_by_role("option").filter(has_text=f"@{bob.username}")
        await expect(found).to_contain_text("online")
    await search.fill("nobody-is-called-that")
    await expect(ann.page.get_by_text("Nobody found for")).to_be_visible()
    await bob.inbox.get_by_role("link", name="Play with the AI").click()
    await expect(bob.page.get_by_role("heading", name="Tic-tac-toe AI")).to_be_visible()


async def test_a_phone_shows_one_pane_at_a_time(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", **PHONE)
    bob = await correspondent("Bob", ann)
    await bob.say("hello")
    await ann.open()
    await expect(ann.box).to_be_hidden()
    await ann.row(bob).click()
    await expect(ann.box).to_be_visible()
    await expect(ann.inbox).to_be_hidden()
    await ann.page.get_by_role("link", name="Back").click()
    await expect(ann.inbox).to_be_visible()
    await expect(ann.box).to_be_hidden()
    await ann.page.go_back()
    await expect(ann.page.get_by_role("heading", name="Bob")).to_be_visible()
    await ann.page.go_back()
    await expect(ann.inbox).to_be_visible()
    dialog = ann.page.get_by_role("dialog")
    for button, go in (("New chat", ann.page.go_forward), ("Game", ann.page.go_back)):
        await ann.button(button).click()
        await expect(dialog).to_be_visible()
        await go()
        await expect(dialog).to_be_hidden()


SIZES = [(390, 844), (320, 568), (640, 400), (1280, 800), (1920, 1080)]


async def test_new_chat_is_the_right_most_and_covers_nothing(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    """With one pane it is in the inbox alone."""
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    for peer in (None, bob):
        await ann.open(peer)
        for width, height in SIZES:
            await ann.page.set_viewport_size({"width": width, "height": height})
            assert await ann.page.evaluate("document.documentElement.scrollWidth") == width, height
            if (peer is None) == (width < TWO_PANES_PX):
                await covers_nothing(ann, width, height)


async def covers_nothing(ann: Chatter, width: int, height: int) -> None:
    """The button, at the edge of a window of that size."""
    box = await place(ann.button("New chat"))
    assert (box["width"], box["height"]) == (56, 56), f"{width} x {height}"
    assert width - 24 <= box["x"] + box["width"] <= width, f"{width} x {height}"
    assert height - 24 <= box["y"] + box["height"] <= height, f"{width} x {height}"
    for part in (ann.box, ann.button("Send"), ann.log):
        if await part.is_visible():
            covered = await place(part)
            aside = (
                covered["x"] + covered["width"] <= box["x"] or covered["y"] + covered["height"] <= box["y"]
            )
            assert aside, part


async def test_no_state_of_the_chat_violates_axe(chatter: MakeChatter) -> None:
    """In a thread, a phone shows its pane alone; the last size is that of two panes, in which more can be done."""
    ann, bob = await chatter("Ann"), await chatter("Bob")
    await ann.open()
    await expect(ann.page.get_by_text("No chats yet")).to_be_visible()
    await no_violations(ann.page, LOOKS)
    await ann.button("New chat").click()
    await expect(ann.page.get_by_role("option").first).to_be_visible()
    await no_violations(ann.page, LOOKS)
    await ann.page.keyboard.press("Escape")
    await bob.open(ann)
    await bob.say("hello https://example.org", "😀")
    await expect(ann.row(bob).locator(".badge")).to_be_visible()
    await no_violations(ann.page, LOOKS)
    await ann.row(bob).click()
    await ann.say("hi", "there")
    await bob.box.press_sequentially("x")
    await expect(ann.page.locator("#peer-status")).to_have_text("typing…")
    await no_violations(ann.page, LOOKS)
    await ann.context.set_offline(True)
    await expect(ann.page.get_by_text("Connection lost.")).to_be_visible()
    await ann.say("kept")
    await ann.box.fill("é" * 4001)
    await no_violations(ann.page, LOOKS)


async def test_no_other_page_violates_axe(chatter: MakeChatter, page: Page, product: Product) -> None:
    for path, button in (("/login", "Log in"), ("/signup", "Sign up")):
        await page.goto(product.url + path)
        await no_violations(page, SCHEMES)
        await page.get_by_role("button", name=button).click()
        await expect(page.get_by_label("Username")).to_be_focused()
        await no_violations(page, SCHEMES)
    ann = await chatter("Ann")
    await ann.page.goto(f"{product.url}/settings")
    await expect(ann.page.get_by_text("this device", exact=True)).to_be_visible()
    await no_violations(ann.page, SCHEMES)
    answer = await ann.page.goto(f"{product.url}/messages/nobody-is-called-that")
    assert answer is not None
    assert answer.status == 404
    await expect(ann.page.get_by_role("heading", level=1)).to_be_visible()
    await no_violations(ann.page, SCHEMES)


async def test_every_page_has_a_heading_a_skip_link_and_a_focus_ring(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    for path in ("/messages", f"/messages/{bob.username}", "/settings", "/tictactoe"):
        await ann.page.goto(ann.url + path)
        await expect(ann.page.get_by_role("heading", level=1).first).to_be_visible()
        skip = ann.page.get_by_role("link", name=re.compile("^Skip"))
        await skip.focus()
        await ann.page.keyboard.press("Tab")
        focused = ann.page.locator(":focus")
        await expect(focused).not_to_have_css("outline-style", "none")


async def test_the_screen_reader_gets_a_log_of_list_items_with_names(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await ann.say("one", "two")
    await bob.sees("one", "two")
    items = bob.log.get_by_role("list").get_by_role("listitem")
    await expect(items.nth(1)).to_have_text(re.compile(r"Ann\s+\d\d:\d\d\s*one"))
    await expect(items.nth(2)).to_have_text(re.compile(r"Ann\s+\d\d:\d\d\s*two"))
    await expect(bob.log).to_have_attribute("aria-label", "Messages")


async def test_the_chat_loads_less_than_100_kilobytes(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    browser = await ann.context.new_cdp_session(ann.page)
    await browser.send("Network.clearBrowserCache")
    answers: list[Response] = []
    ann.page.on("response", lambda answer: answers.append(answer))
    await ann.open(bob)
    await ann.page.wait_for_load_state("networkidle")
    sizes = [(await answer.request.sizes())["responseBodySize"] for answer in answers if answer.ok]
    assert MAX_TRANSFER_BYTES / 2 < sum(sizes) < MAX_TRANSFER_BYTES
