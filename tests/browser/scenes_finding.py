"""How one finds messages again, state by state: by words, by a day, by what quotes them."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from tests.browser.chatter import Chatter


async def finding(ann: Chatter) -> AsyncIterator[str]:
    """Yields the name of each state while ann's page is in it. To follow `changing`, whose messages it finds."""
    page, dialog = ann.page, ann.page.get_by_role("dialog")
    words = page.get_by_label("Words to search for")
    await ann.context.set_offline(True)
    await expect(page.get_by_text("Connection lost.")).to_be_visible()
    await page.locator(".thread").get_by_role("button", name="Search messages").click()
    await words.fill("cafe")
    await expect(dialog.get_by_text("You are offline.")).to_be_visible()
    yield "search offline"
    await ann.context.set_offline(False)
    await expect(dialog.get_by_text("3 messages found")).to_be_visible()
    yield "search here"
    await words.fill("")
    await expect(dialog.get_by_text("Find what")).to_be_visible()
    yield "search nothing"
    await words.fill("walrus")
    await expect(dialog.get_by_text("No messages found")).to_be_visible()
    yield "search in vain"
    await words.fill("cafe")
    await expect(dialog.get_by_text("3 messages found")).to_be_visible()
    await dialog.get_by_role("link").first.click()
    await expect(ann.message("no CAFES left")).to_be_focused()
    yield "newest hit"
    await ann.button("Older result").click()
    await ann.button("Older result").click()
    await expect(ann.message("by the sea")).to_be_focused()
    yield "oldest hit"
    await ann.button("Back").last.click()
    await expect(page.locator("#hits")).to_be_hidden()
    yield "back"
    await page.locator(".thread").get_by_role("button", name="Search messages").click()
    day = datetime.now(UTC) - timedelta(days=9)
    await page.get_by_label("Go to a date").fill(f"{day:%Y-%m-%d}")
    yield "date"
    await ann.button("Go").click()
    await expect(page.locator("#way-back")).to_be_visible()
    yield "at the date"
    await page.locator("#way-back").click()
    await ann.message("So it is").or_(ann.message("Or tomorrow")).last.scroll_into_view_if_needed()
    await ann.message("Or tomorrow").get_by_role("button", name=re.compile("^Go to")).click()
    yield "quoted"
    await ann.open()
    await ann.inbox.get_by_role("button", name="Search messages").click()
    await words.fill("message 03")
    await expect(dialog.get_by_text("More than")).to_be_visible()
    yield "search all"
