"""A link to a message: copied from its menu, and followed."""

from playwright.async_api import expect

from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent

REFUSED = """() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("No", "NotAllowedError"));
}"""


async def actions(who: Chatter, text: str) -> list[str]:
    await who.message(text).get_by_role("button", name="Message actions").focus()
    await who.page.keyboard.press("Enter")
    names = await who.page.get_by_role("menuitem").all_inner_texts()
    await who.page.keyboard.press("Escape")
    return names


async def test_the_link_of_a_message_is_copied_and_leads_there(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", permissions=["clipboard-read", "clipboard-write"])
    bob = await correspondent("Bob", ann)
    await bob.say("the first", *(f"line\n{number}\n" for number in range(20)))
    await ann.open(bob)
    note = ann.page.locator("#note")
    await expect(note).to_have_role("status")
    for action, said in (("Copy text", "Text copied"), ("Copy link", "Link copied")):
        await ann.choose("the first", action)
        await expect(note).to_have_text(said)
        await expect(note).to_be_visible()
        await expect(ann.message("the first").get_by_role("button", name="Message actions")).to_be_focused()
    await no_violations(ann.page)
    link = await ann.page.evaluate("navigator.clipboard.readText()")
    assert link == f"{ann.url}/messages/{bob.username}#m-1"
    other = await ann.another_tab()
    await other.page.goto(link)
    await expect(other.message("the first")).to_be_focused()
    await ann.page.evaluate(REFUSED)
    for action, what in (("Copy text", "text"), ("Copy link", "link")):
        await ann.choose("the first", action)
        await expect(note).to_have_text(f"This browser did not let the {what} be copied.")
    await no_violations(ann.page)
    await ann.context.set_offline(True)
    await expect(ann.page.get_by_text("Connection lost.")).to_be_visible()
    await ann.choose("the first", "Copy link")
    above, below = await ann.page.locator("#banner").bounding_box(), await note.bounding_box()
    assert above is not None
    assert below is not None
    assert below["y"] >= above["y"] + above["height"]  # neither covers the other
    await ann.say("not yet in the log")
    assert await actions(ann, "not yet in the log") == ["Edit", "Copy text", "Delete"]
    assert "Copy link" in await actions(ann, "the first")


async def test_what_is_gone_says_nothing_of_where_it_has_come_to(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    await ann.say("one", "two")
    await expect(ann.message("two").locator(".state")).to_have_text("Read")
    await ann.choose("two", "Delete")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(ann.button("Undo")).to_be_visible()
    await expect(ann.log.locator(".state")).to_have_count(0)
    await ann.sees("one", "Message deleted")
    await expect(ann.log.locator(".state")).to_have_text(["Read"])
    await expect(ann.message("one").locator(".state")).to_have_count(1)
    await bob.sees("one", "Ann deleted this message")
