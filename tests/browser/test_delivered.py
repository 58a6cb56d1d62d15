"""What stands below the last own message: sent, delivered to a device of the other, read."""

import json
from typing import Any

from playwright.async_api import Page, WebSocket, expect

from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent


def deliveries_of(page: Page) -> list[dict[str, Any]]:
    """The `delivered` frames that the page sends from now on, in sockets that it opens later."""
    sent: list[dict[str, Any]] = []

    def note(data: str | bytes) -> None:
        if (frame := json.loads(data))["type"] == "delivered":
            sent.append(frame)

    def opened(socket: WebSocket) -> None:
        socket.on("framesent", note)

    page.on("websocket", opened)
    return sent


async def heard_of(page: Page) -> None:
    """Waits until what the page sent by now was noted: a message can be delivered before the browser says it."""
    await page.evaluate("null")


async def says(who: Chatter, text: str, word: str) -> None:
    """One word, below that message alone."""
    await expect(who.message(text).locator(".state")).to_have_text(word)
    await expect(who.log.locator(".state")).to_have_count(1)


async def test_a_message_is_sent_then_delivered_then_read(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann, bob = await chatter("Ann"), await chatter("Bob")
    eve = await correspondent("Eve", ann)
    await ann.open(bob)
    await ann.say("one")
    await says(ann, "one", "Sent")  # nobody is there
    told = deliveries_of(bob.page)
    await bob.open(eve)
    await says(ann, "one", "Delivered")
    await no_violations(ann.page)
    await bob.context.set_offline(True)
    await expect(bob.page.get_by_text("Connection lost.")).to_be_visible()
    await ann.say("two")
    await says(ann, "two", "Sent")
    await bob.context.set_offline(False)
    await says(ann, "two", "Delivered")
    await heard_of(bob.page)
    before = len(told)
    await ann.context.set_offline(True)
    await expect(ann.page.get_by_text("Connection lost.")).to_be_visible()
    await ann.say(*(f"many {number}" for number in range(8)))
    await ann.context.set_offline(False)  # all of them go at once, however long it took to write them
    await expect(bob.row(ann).locator(".badge")).to_have_text("10 unread")
    await says(ann, "many 7", "Delivered")
    await heard_of(bob.page)
    assert 1 <= len(told) - before <= 2  # not one for each
    await ann.page.reload()
    await says(ann, "many 7", "Delivered")
    await bob.row(ann).click()
    await says(ann, "many 7", "Read")
    await heard_of(bob.page)
    before = len(told)
    await ann.say("at once")
    await says(ann, "at once", "Read")
    await ann.page.reload()
    await says(ann, "at once", "Read")
    await heard_of(bob.page)
    assert len(told) == before  # who reads at once says nothing else


async def test_of_several_tabs_one_tells_what_was_delivered(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann"), await chatter("Bob")
    other = await bob.another_tab()
    told = [deliveries_of(bob.page), deliveries_of(other.page)]
    await bob.open()
    await other.open()
    await ann.open(bob)
    for number in range(3):
        await ann.say(f"message {number}")
        await says(ann, f"message {number}", "Delivered")
    await heard_of(bob.page)
    await heard_of(other.page)
    assert [len(frames) for frames in told] == [3, 0]
    await bob.page.close()
    await ann.say("to the other tab")
    await says(ann, "to the other tab", "Delivered")
