"""The way back from a jump: the browser's Back, and the page's own, which do the same."""

from typing import Any

from playwright.async_api import Locator, expect

from shared.testing.long_thread import write_long
from shared.testing.product import Product
from shared.wire.ids import uuid7
from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent

LONG = 300
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def reply(who: Chatter, peer: Chatter, text: str, seq: int) -> None:
    body = {"client_id": str(uuid7()), "text": text, "reply_to": seq}
    answer = await who.context.request.post(f"{who.url}/api/threads/{peer.username}/messages", data=body)
    assert answer.status == 201, await answer.text()


def quote(who: Chatter, text: str) -> Locator:
    """Of the message that says `text`."""
    return who.message(text).locator(".quote")


async def test_the_browser_goes_back_from_a_jump_and_forward_to_it_again(
    product: Product, chatter: MakeChatter
) -> None:
    ann, bob = await chatter("Ann"), await chatter("Bob")
    await write_long(product, ann.username, bob.username, LONG)
    await reply(bob, ann, "first answer", 20)
    for _ in range(40):
        await reply(bob, ann, "and so on", LONG)
    await reply(bob, ann, "second answer", LONG + 1)
    await ann.open(bob)
    for _ in range(2):  # the second time that is no entry of its own
        await ann.page.get_by_role("link", name="Skip to content").press("Enter")
    await ann.page.go_back()
    address = ann.page.url
    await quote(ann, "second answer").click()
    await expect(ann.message("first answer")).to_be_focused()
    await quote(ann, "first answer").click()
    target = ann.message("message 0020")
    await expect(target).to_be_focused()
    assert ann.page.url == address == f"{ann.url}/messages/{bob.username}"
    await ann.page.go_back()
    await expect(quote(ann, "first answer")).to_be_focused()
    await ann.page.go_back()
    await expect(quote(ann, "second answer")).to_be_focused()
    await expect(ann.button("Back")).to_be_hidden()
    await ann.page.go_forward()
    await expect(ann.message("first answer")).to_be_focused()
    await ann.page.go_forward()
    await expect(target).to_be_focused()
    # The page's own way does the same, so that none is gone twice.
    await ann.button("Back").click()
    await expect(ann.message("first answer")).to_be_focused()
    await ann.page.go_back()
    await expect(ann.message("second answer")).to_be_in_viewport()
    await expect(ann.button("Back")).to_be_hidden()
    assert ann.page.url == address
    # Whoever is back on their own feet is not taken elsewhere by it.
    await quote(ann, "second answer").click()
    await expect(ann.button("Back")).to_be_visible()
    await ann.page.locator("#jump").click()
    await expect(ann.button("Back")).to_be_hidden()
    await ann.page.go_back()
    await expect(ann.message("second answer")).to_be_in_viewport()


async def test_the_browser_goes_back_to_where_a_search_began(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob, cid = await correspondent("Bob", ann), await correspondent("Cid", ann)
    for peer in (bob, cid):
        await write_long(product, ann.username, peer.username, LONG, told={7: "walnut", 9: "walnut"})
    await ann.open()
    await ann.row(bob).click()
    await expect(ann.message(f"message 0{LONG}")).to_be_in_viewport()
    await ann.page.keyboard.press("Control+k")
    await ann.page.get_by_label("Words to search for").fill("walnut")
    await expect(ann.page.get_by_role("list", name="Messages found").get_by_role("link")).to_have_count(4)
    await ann.page.keyboard.press("Enter")
    for _ in range(3):  # through both chats, and not one by one back through them
        await ann.page.keyboard.press("F3")
    await expect(ann.page.locator("#hits-place")).to_have_text("4 of 4")
    await ann.page.go_back()
    await ann.page.wait_for_url(f"**/messages/{bob.username}")
    await expect(ann.message(f"message 0{LONG}")).to_be_in_viewport()
    await expect(ann.page.get_by_role("group", name="Search results")).to_be_hidden()
    await ann.page.go_back()
    await expect(ann.page.get_by_text("No chat is open")).to_be_visible()


async def test_on_a_phone_the_way_back_covers_nothing(product: Product, chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann", **PHONE, color_scheme="dark"), await chatter("Bob")
    await write_long(product, ann.username, bob.username, 40)
    await reply(bob, ann, "the last one", 35)
    await ann.open(bob)
    await quote(ann, "the last one").tap()
    back = ann.button("Back")
    await expect(back).to_be_visible()
    await expect(ann.message("message 0035")).to_be_focused()
    box: Any = await back.bounding_box()
    log: Any = await ann.log.bounding_box()
    below: Any = await ann.page.locator("#composer").bounding_box()
    assert log["y"] + log["height"] <= box["y"]
    assert box["y"] + box["height"] <= below["y"]
    assert box["height"] >= 44
    await no_violations(ann.page)
    await back.tap()
    await expect(back).to_be_hidden()
    await expect(ann.message("the last one")).to_be_in_viewport()
