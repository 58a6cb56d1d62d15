"""What counts as read, and where unread messages begin."""

from playwright.async_api import Page, expect

from shared.wire.ids import uuid7
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.modules import Modules
from tests.conftest import MakeCorrespondent


async def _hide(page: Page) -> None:
    await page.evaluate(
        """() => {
          Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )


async def _look_elsewhere(page: Page) -> None:
    """Another window has the focus; this one stays visible, as on a large screen.

    Headless, every window has the focus: what the browser would say is said in its place.
    """
    await page.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")


async def _look_back(page: Page) -> None:
    await page.evaluate("delete document.hasFocus; dispatchEvent(new Event('focus'))")


async def test_a_message_is_unread_while_another_window_has_the_focus(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await ann.page.clock.install()
    await bob.say("seen")
    await expect(bob.message("seen").locator(".state")).to_have_text("Read")
    await _look_elsewhere(ann.page)
    await bob.say("unseen")
    await expect(ann.log.locator(".unread-divider + .message")).to_contain_text("unseen")
    await expect(ann.page).to_have_title("(1) Duet")
    assert await ann.page.evaluate("document.visibilityState") == "visible"
    await ann.page.clock.fast_forward(5000)
    await expect(bob.message("unseen").locator(".state")).to_have_text("Delivered")
    await _look_back(ann.page)
    await expect(bob.message("unseen").locator(".state")).to_have_text("Read")
    await expect(ann.page).to_have_title("Duet")
    await expect(ann.log.locator(".unread-divider + .message")).to_contain_text("unseen")
    await _look_elsewhere(ann.page)
    await bob.say("later")
    await expect(ann.message("later")).to_be_visible()
    await _hide(ann.page)  # the other window covers it
    await bob.say("last")
    await expect(ann.message("last")).to_be_visible()
    await expect(ann.log.locator(".unread-divider + .message")).to_contain_text("later")


async def test_who_answers_has_read_what_stands_above(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await _hide(ann.page)
    await bob.say("a question")
    await expect(ann.log.get_by_text("Unread messages")).to_be_visible()
    await expect(ann.page).to_have_title("(1) Duet")
    await ann.say("an answer")
    await expect(ann.page).to_have_title("Duet")
    await expect(ann.log.get_by_text("Unread messages")).to_have_count(0)
    await bob.sees("a question", "an answer")
    await expect(bob.message("a question").locator(".state")).to_have_text("Read")
    await bob.say("and another")
    await expect(ann.page).to_have_title("(1) Duet")
    await ann.page.reload()
    await expect(ann.log.locator(".unread-divider + .message")).to_contain_text("and another")


async def test_an_answer_from_one_device_reads_on_every_other(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann, phone = await chatter("Ann"), await chatter("Phone")
    bob = await correspondent("Bob", ann)
    await phone.log_in_as(ann)
    await ann.open(bob)
    await _hide(ann.page)
    await phone.open()
    await bob.say("a question")
    await expect(ann.log.get_by_text("Unread messages")).to_be_visible()
    await expect(phone.row(bob).locator(".badge")).to_have_text("1 unread")
    answer = {"client_id": str(uuid7()), "text": "by a program"}
    await phone.context.request.post(f"{ann.url}/api/threads/{bob.username}/messages", data=answer)
    await ann.sees("a question", "by a program")
    await expect(ann.log.get_by_text("Unread messages")).to_have_count(0)
    for device in (ann, phone):
        await expect(device.row(bob).locator(".badge")).to_have_count(0)
        await expect(device.page).to_have_title("Duet")
        await device.page.reload()
        await expect(device.row(bob)).to_contain_text("by a program")
        await expect(device.row(bob).locator(".badge")).to_have_count(0)


async def test_the_divider_never_stands_above_an_own_message(modules: Modules) -> None:
    body = """const message = (seq, sender) => (
            { seq, sender, client_id: `c${seq}`, text: "", sent_at: "2026-11-23T10:00:00Z" });
        const messages = ["bob", "bob", "ann", "bob", "bob"].map((sender, at) => message(at + 1, sender));
        const thread = { me: "ann", peer_read: 0, delivered: { peers: 0 }, complete: true, messages };
        const shown = (unreadAfter) => m.items(thread, [], unreadAfter).map(({ kind, seq }) => seq ?? kind);
        return [1, 3, 4, 5, null].map(shown);"""
    assert await modules.run("views/items", body) == [
        ["day", 1, 2, 3, "unread", 4, 5],
        ["day", 1, 2, 3, "unread", 4, 5],
        ["day", 1, 2, 3, 4, "unread", 5],
        ["day", 1, 2, 3, 4, 5],
        ["day", 1, 2, 3, 4, 5],
    ]
