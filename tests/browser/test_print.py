"""A thread on paper: all that is loaded of it, on as many pages as it takes, and nothing that can only be pressed."""

import re
from base64 import b64decode

from playwright.async_api import Page, expect

from shared.wire.ids import uuid7
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.player import Player

MESSAGES = 45
A4_PX = (794, 1123)
# The words of the bubbles that stand on the paper, whole; paper has no end and cannot be scrolled.
ON_PAPER = """() => [...document.querySelectorAll(".bubble")].filter((bubble) => {
    const {left, right, top, bottom} = bubble.getBoundingClientRect();
    for (let box = bubble.parentElement; box; box = box.parentElement) {
        const edge = box.getBoundingClientRect();
        const isOutside = top < edge.top - 1 || bottom > edge.bottom + 1;
        if (isOutside && getComputedStyle(box).overflowY !== "visible") return false;
    }
    return left >= 0 && right <= innerWidth && bottom > top;
}).map((bubble) => bubble.textContent)"""


async def pages_of(page: Page) -> int:
    browser = await page.context.new_cdp_session(page)
    printed = await browser.send("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    return len(re.findall(rb"/Type\s*/Page\b", b64decode(printed["data"])))


async def write_much(somebody: Chatter, peer: Chatter) -> list[str]:
    texts = [f"Message {number}: " + "words " * 30 for number in range(MESSAGES)]
    for text in texts:
        answer = await somebody.context.request.post(
            f"{somebody.url}/api/threads/{peer.username}/messages",
            data={"client_id": str(uuid7()), "text": text.strip()},
        )
        assert answer.status == 201, await answer.text()
    return [text.strip() for text in texts]


async def test_the_whole_thread_is_printed_dark_on_light_without_controls(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann", color_scheme="dark"), await chatter("Bob")
    texts = await write_much(bob, ann)
    await ann.open(bob)
    await ann.say("One of mine")
    await ann.choose("One of mine", "Reply")
    await ann.page.keyboard.press("Escape")
    await ann.message("One of mine").locator(".bubble").dblclick()
    await expect(ann.button("❤️, Ann")).to_be_visible()
    await bob.open(ann)
    await bob.choose("One of mine", "Reply")
    await bob.say("An answer")
    await Player(ann).begin(Player(bob), x="me", o="peer")
    await ann.sees(*texts, "One of mine", "An answer")
    await expect(Player(ann).button("Resign")).to_be_visible()
    await ann.page.set_viewport_size({"width": A4_PX[0], "height": A4_PX[1]})
    assert await pages_of(ann.page) >= MESSAGES * 70 // A4_PX[1] + 1
    await ann.page.emulate_media(media="print", color_scheme="dark")
    assert await ann.page.evaluate(ON_PAPER) == [*texts, "One of mine", "An answer"]
    controls = ann.page.locator("button:not(.cell, .quote, .chip), textarea, input, select, .inbox, .banner")
    for width, height in (A4_PX[::-1], A4_PX):  # along, and upright
        await ann.page.set_viewport_size({"width": width, "height": height})
        await expect(controls.filter(visible=True)).to_have_count(0)
    await expect(ann.message("An answer").locator(".quote-text")).to_have_text("One of mine")
    await expect(ann.message("One of mine").locator(".chip-names")).to_have_text("Ann")
    await expect(ann.message("One of mine").locator(".chip-names")).to_be_visible()
    await expect(ann.page.get_by_role("heading", name="Bob")).to_be_visible()
    await expect(Player(ann).board).to_be_visible()
    looks = "(node) => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]"
    dark, bare = "rgb(27, 33, 48)", "rgba(0, 0, 0, 0)"
    for part in (ann.bubbles.first, ann.bubbles.last, ann.log.locator(".quote"), ann.log.locator(".chip")):
        assert await part.evaluate(looks) == [dark, bare]
    assert await ann.page.locator("html").evaluate(looks) == [dark, "rgb(255, 255, 255)"]
