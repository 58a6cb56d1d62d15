"""What two people do with messages, state by state, as the first of them sees it: for looking at, and for axe."""

from collections.abc import AsyncIterator

from playwright.async_api import Locator, expect

from shared.testing.long_thread import write_long
from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.test_chat_changes import post

LONG = 400
TOLD = {40: "the café by the sea", 260: "Café closed", 390: "no CAFES left"}
FORMATTED = (
    "*bold*, _italic_, ~~gone~~ and `code`\n> a quote\n> of two lines\n- one\n- two\n```\nlet x = 1;\n```"
)
FOREIGN = "שלום, זה ארוך יותר ממה שנכנס בשורה אחת, ויש בו גם words in English\nمرحبا"
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitän" * 5
WORDS = "A message that is long enough to be read and not only looked at, as some are. " * 4
EDITS = 50


async def menu_of(who: Chatter, text: str, *, touch: bool) -> Locator:
    """Opens the menu of a message, by finger where there is nothing else."""
    message = who.message(text).last
    await message.scroll_into_view_if_needed()
    box = await message.locator(".bubble").bounding_box()
    if touch and box is not None:
        await who.press_long(box["x"] + 12, box["y"] + 12)
    else:
        await message.hover()
        await message.get_by_role("button", name="Message actions").click()
    return who.page.get_by_role("menu")


async def changing(product: Product, ann: Chatter, bob: Chatter, *, touch: bool) -> AsyncIterator[str]:
    """Yields the name of each state while ann's page is in it."""
    page, dialog = ann.page, ann.page.get_by_role("dialog")

    async def choose(text: str, action: str) -> None:
        menu = await menu_of(ann, text, touch=touch)
        await menu.get_by_role("menuitem", name=action, exact=True).click()

    async def say(*texts: str) -> None:
        for text in texts:
            await ann.box.fill(text)
            await ann.button("Send").click()  # Enter begins a line on a phone

    await ann.open()
    yield "nobody yet"
    await write_long(product, ann.username, bob.username, LONG, told=TOLD)
    await ann.open()
    yield "inbox"
    await ann.open(bob)
    for text in (FORMATTED, FOREIGN, LONG_WORD, WORDS, "😀🎉", "See https://example.org/a?b=c now"):
        await post(bob, ann, "messages", text=text)
    await say("Shall we go?", "I mean today", FORMATTED, FOREIGN, LONG_WORD, "first words")
    await expect(ann.messages.last.locator(".state")).to_have_text("Sent")
    yield "written"
    await ann.message("a quote").first.scroll_into_view_if_needed()
    yield "formatted"
    await menu_of(ann, "See https", touch=touch)
    yield "menu of theirs"
    await page.keyboard.press("Escape")
    await menu_of(ann, "first words", touch=touch)
    yield "menu of mine"
    await page.get_by_role("menuitem", name="React").click()
    await expect(dialog.get_by_role("button", name="grinning face", exact=False).first).to_be_visible()
    yield "react"
    await page.get_by_label("Search emoji").fill("heart")
    yield "emoji found"
    await page.get_by_label("Search emoji").fill("no such thing")
    yield "no emoji found"
    await page.get_by_label("Search emoji").fill("red heart")
    await dialog.get_by_role("button", name="❤️ red heart").last.click()
    await post(bob, ann, "events", kind="reaction", body={"target": LONG + 12, "emoji": "👍"})
    await post(bob, ann, "events", kind="reaction", body={"target": LONG + 7, "emoji": "👍"})
    await choose("See https", "React")
    await dialog.get_by_role("group", name="Recent").get_by_role("button").nth(1).click()
    chip = ann.message("See https").get_by_role("button", name="Ann")
    await expect(chip).to_be_visible()
    await chip.focus()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Tab")
    yield "reactions"
    await choose("as some are", "Reply")
    yield "replying"
    await say("So it is.")
    await choose("Shall we go", "Reply")
    await say("Or tomorrow?")
    await post(bob, ann, "messages", text="Why not both", reply_to=LONG + 8)
    await expect(ann.message("Why not both")).to_be_visible()
    yield "replied"
    await choose("first words", "Edit")
    yield "editing"
    await ann.box.fill("other words\n" * 12)
    yield "editing at length"
    await ann.box.fill("é" * 4001)
    yield "too long"
    await say("other words")
    await expect(ann.button("edited")).to_be_visible()
    yield "edited"
    await ann.button("edited").click()
    await expect(page.locator(".past-text")).to_have_count(2)
    yield "earlier versions"
    await page.keyboard.press("Escape")
    await choose("I mean today", "Delete")
    yield "delete?"
    await dialog.get_by_role("button", name="Delete").click()
    await expect(ann.button("Undo")).to_be_visible()
    yield "deleted, undo"
    await ann.button("Undo").click()
    await expect(ann.message("I mean today").last).to_be_visible()
    await choose("I mean today", "Delete")
    await dialog.get_by_role("button", name="Delete").click()
    await post(bob, ann, "events", kind="delete", body={"target": LONG + 4})
    await expect(ann.message("Message deleted")).to_be_visible()
    yield "deleted"
    await ann.message("Why not both").scroll_into_view_if_needed()
    yield "quote of a deleted one"
    for number in range(EDITS):
        await post(ann, bob, "events", kind="edit", body={"target": LONG + 7, "text": f"We go {number}"})
    await expect(ann.message(f"We go {EDITS - 1}")).to_be_visible()
    await choose("We go", "Edit")
    await say("We stay")
    await expect(ann.log.locator(".state.failed")).to_be_visible()
    await ann.message("We go").scroll_into_view_if_needed()
    yield "edit refused"
    await ann.button("Discard").click()
    await ann.context.set_offline(True)
    await expect(page.get_by_text("Connection lost.")).to_be_visible()
    await choose("other words", "Edit")
    await say("words of the outage")
    await expect(ann.log.get_by_text("this will be saved")).to_be_visible()
    yield "edited offline"
    await say("sent in the outage")
    await choose("So it is", "Delete")
    await dialog.get_by_role("button", name="Delete").click()
    await expect(ann.button("Undo")).to_be_hidden()
    yield "deleted offline"
    await ann.context.set_offline(False)
    await expect(page.get_by_text("Connection lost.")).to_be_hidden()
