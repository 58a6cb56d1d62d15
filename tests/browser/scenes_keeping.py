"""What one keeps of chats, and what others see of one, state by state: the list, the archive, drafts, the settings."""

from collections.abc import AsyncIterator

from playwright.async_api import expect

from tests.browser.chatter import Chatter
from tests.browser.test_chat_changes import post

DRAFT = "What I wrote on the other device about the cake, and the chairs, and the music that we need"


async def keeping(ann: Chatter, bob: Chatter, cid: Chatter, laptop: Chatter) -> AsyncIterator[str]:
    """Yields the name of each state while ann's page is in it. laptop: another device of hers."""
    page = ann.page

    async def options(peer: Chatter, action: str = "") -> None:
        await ann.button(f"Chat options for {peer.display_name}").press("Enter")
        await expect(page.get_by_role("menu")).to_be_visible()
        if action:
            await page.get_by_role("menuitem", name=action, exact=True).click()

    await post(cid, ann, "messages", text="Are we still on for Saturday?")
    await post(bob, ann, "messages", text="Are you there?")
    await ann.open()
    await options(cid)
    yield "options of a chat"
    await page.keyboard.press("Escape")
    await options(bob, "Mark as read")
    await options(bob, "Mark as unread")
    await options(cid, "Mute forever")
    await expect(ann.row(cid)).to_contain_text("muted")
    yield "marked and muted"
    await options(cid, "Archive")
    await expect(ann.button("Undo")).to_be_visible()
    yield "archived, undo"
    await ann.inbox.get_by_role("button", name="Archived (1)").click()
    yield "the archive"
    await options(cid, "Unarchive")
    await expect(page.get_by_text("No chat is archived.")).to_be_visible()
    yield "an empty archive"
    await ann.open(bob)
    await ann.box.fill("I was about to say")
    await ann.open()
    await expect(ann.row(bob)).to_contain_text("Draft:")
    yield "a draft in the list"
    await ann.open(bob)
    await expect(ann.box).to_have_value("I was about to say")
    await laptop.open(bob)
    await expect(laptop.box).to_have_value("I was about to say")
    await ann.context.set_offline(True)
    await ann.box.fill("mine")
    saved = laptop.page.expect_response(lambda answer: answer.request.method == "PATCH")
    async with saved:
        await laptop.box.fill(DRAFT)
    await ann.context.set_offline(False)
    await expect(ann.button("Use it")).to_be_visible()
    yield "another draft"
    await ann.button("Use it").click()
    await ann.button("Send").click()
    await bob.open()
    await expect(ann.message("the music").locator(".state")).to_have_text("Delivered")
    yield "delivered"
    await ann.button("Chat options").click()
    yield "options in the chat"
    await page.keyboard.press("Escape")
    await page.route("**/state", lambda route: route.abort())
    await ann.open()
    await options(bob, "Mute for an hour")
    await expect(page.get_by_text("could not be changed")).to_be_visible()
    yield "not changed"
    await page.goto(f"{ann.url}/settings")
    await expect(page.get_by_role("switch", name="Typing")).to_be_checked()  # until then it is not known
    await page.get_by_role("switch", name="Typing").uncheck()
    await expect(page.get_by_text("Saved. Typing: off.")).to_be_visible()
    await page.get_by_role("region", name="What others see").scroll_into_view_if_needed()
    yield "settings"
    await page.route("**/api/settings", lambda route: route.abort())
    await page.get_by_role("switch", name="Read receipts").click()
    await expect(page.get_by_text("Not saved.")).to_be_visible()
    await page.get_by_text("Not saved.").scroll_into_view_if_needed()
    yield "settings not saved"
