"""Reading far from the end of a long thread: jumps, what joins, what is let go, and what counts as read."""

import asyncio
import re
from typing import Any

from playwright.async_api import expect

from shared.testing.long_thread import write_long
from shared.testing.product import Product
from shared.wire.ids import uuid7
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent
from tests.correspondent import Peer

LONG = 3000
# A run holds so many at most: models/runs.js.
BOUND = 850
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 700}}


async def post(somebody: Chatter, peer: Chatter, path: str, **body: Any) -> Any:
    """A call as another device of theirs makes it."""
    answer = await somebody.context.request.post(
        f"{somebody.url}/api/threads/{peer.username}/{path}", data={"client_id": str(uuid7()), **body}
    )
    assert answer.status == 201, await answer.text()
    return await answer.json()


async def shown(who: Chatter) -> list[int]:
    """The numbers of the messages in the log: they must be a run."""
    texts = await who.bubbles.evaluate_all("nodes => nodes.map((node) => node.textContent)")
    numbers = [int(found[1]) for text in texts if (found := re.match(r"message (\d{4})", text))]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) <= BOUND
    return numbers


async def read_position(who: Chatter, peer: Peer) -> int:
    """How far they have read, as the server knows it."""
    answer = await who.context.request.get(f"{who.url}/api/threads/{peer.username}/messages?limit=1")
    return int((await answer.json())["read"])


async def scroll_down(who: Chatter) -> None:
    await who.log.evaluate("log => { log.scrollTop = log.scrollHeight }")


async def test_a_quotation_of_long_ago_is_shown_among_what_was_said_then(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", **PHONE)
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, LONG)
    await bob.post("messages", text="as I said", reply_to=1500)
    asked: list[str] = []
    ann.page.on("request", lambda request: asked.append(request.url))
    await ann.open(bob)
    quote = ann.page.get_by_role("button", name=re.compile("Go to the message from .*: message 1500"))
    await expect(ann.page).to_have_title("Duet")  # it is read
    await quote.click()
    target = ann.message("message 1500")
    await expect(target).to_be_in_viewport()
    await expect(target).to_be_focused()
    await expect(target).to_have_class(re.compile("found"))
    assert 1500 in (numbers := await shown(ann))
    assert numbers[-1] < LONG
    assert sum("/messages?" in url for url in asked) <= 6  # not all that lies between
    # What happens meanwhile happens here, and is counted there.
    await bob.post("events", kind="reaction", body={"target": 1500, "emoji": "👍"})
    await expect(target.get_by_role("button", name="👍, Bob")).to_be_visible()
    await bob.post("messages", text="and now")
    await expect(ann.button("1 new message")).to_be_visible()
    await expect(ann.message("and now")).to_have_count(0)
    await ann.page.keyboard.press("Escape")
    await expect(quote).to_be_in_viewport()
    await expect(quote).to_be_focused()
    await expect(ann.button("Back")).to_be_hidden()
    await expect(ann.message("and now")).to_be_visible()
    # From there to the end on one's own feet, and by the button.
    await quote.click()
    await expect(target).to_be_focused()
    await ann.page.locator("#jump").click()
    await expect(ann.message("and now")).to_be_in_viewport()
    await expect(target).to_have_count(0)
    await ann.context.set_offline(True)
    await quote.click()
    problem = ann.page.get_by_text("That message could not be loaded.")
    await expect(problem).to_be_visible()
    await ann.context.set_offline(False)
    await quote.click()
    await expect(problem).to_be_hidden()
    await expect(target).to_be_focused()
    await ann.say("said from far above")
    await expect(ann.message("said from far above")).to_be_in_viewport()


async def test_scrolling_from_a_window_to_the_end_shows_every_message_once_and_holds_few(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, LONG)
    await ann.page.goto(f"{ann.url}/messages/{bob.username}#m-2800")
    await expect(ann.message("message 2800")).to_be_focused()
    seen = set(await shown(ann))
    while LONG not in seen:
        last = max(seen)
        held = ann.message(f"message {last:04}")
        await held.evaluate("node => node.scrollIntoView({ block: 'end' })")
        before = await held.bounding_box()
        await expect(ann.message(f"message {last + 1:04}")).to_have_count(1)
        after = await held.bounding_box()
        assert before is not None
        assert after is not None
        assert abs(before["y"] - after["y"]) <= 1
        seen |= set(await shown(ann))
    assert seen >= set(range(2800, LONG + 1))
    await expect(ann.page.locator("#log-below")).to_be_hidden()
    await scroll_down(ann)
    await expect(ann.button("Newest")).to_be_hidden()
    await bob.say("at the end")
    await expect(ann.message("at the end")).to_be_in_viewport()
    # And far up again, further than is held: the end is let go, and comes back with the button. What is answered stays.
    await ann.choose("at the end", "Reply")
    for _ in range(9):
        first = (await shown(ann))[0]
        await ann.log.evaluate("log => { log.scrollTop = 0 }")
        await expect(ann.message(f"message {first - 1:04}")).to_have_count(1)
    await expect(ann.message("at the end")).to_have_count(0)
    await bob.say("and again")
    await expect(ann.page.locator("#composer-excerpt")).to_have_text("at the end")
    await ann.page.locator("#jump").click()
    await expect(ann.message("at the end")).to_be_in_viewport()


async def test_a_window_far_from_the_read_position_reads_nothing(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, LONG, read=1000)
    await ann.page.goto(f"{ann.url}/messages/{bob.username}#m-2000")
    await expect(ann.message("message 2000")).to_be_focused()
    await expect(ann.page.locator("#jump")).to_contain_text("999 new messages")
    for _ in range(4):
        last = (await shown(ann))[-1]
        await scroll_down(ann)
        await expect(ann.message(f"message {last + 1:04}")).to_have_count(1)
    await expect(ann.page.locator("#jump")).to_contain_text("999 new messages")
    assert await read_position(ann, bob) == 1000
    # Opened without a link, the thread begins where it was left, however far that is.
    await ann.open()
    await ann.row(bob).click()
    await expect(ann.log.get_by_text("Unread messages")).to_be_in_viewport()
    await expect(ann.message("message 1001")).to_be_in_viewport()
    await scroll_down(ann)
    await expect(ann.page.locator("#jump")).to_contain_text(re.compile("9[0-9]{2} new messages"))
    async with asyncio.timeout(30):
        while (read := await read_position(ann, bob)) == 1000:
            pass  # half a second
    assert read < 1100


async def test_a_page_below_that_failed_says_so_and_is_tried_again(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, 1000)
    await ann.page.goto(f"{ann.url}/messages/{bob.username}#m-200")
    await expect(ann.message("message 0200")).to_be_focused()
    await ann.page.route("**/messages?after=*", lambda route: route.abort())
    await scroll_down(ann)
    below = ann.page.locator("#log-below")
    await scroll_down(ann)
    await expect(below).to_contain_text("could not be loaded")
    await scroll_down(ann)
    words: Any = await below.get_by_role("button", name="Try again").bounding_box()
    jump: Any = await ann.page.locator("#jump").bounding_box()
    assert words["y"] + words["height"] <= jump["y"]  # the buttons over the log leave it in sight
    last = (await shown(ann))[-1]
    await ann.page.unroute("**/messages?after=*")
    await below.get_by_role("button", name="Try again").click()
    await expect(ann.message(f"message {last + 1:04}")).to_have_count(1)
