"""Photos and files, from choosing them to looking at them, as ann sees it: for looking at, and for axe."""

import re
from collections.abc import AsyncIterator

from playwright.async_api import Route, expect

from tests.browser.chatter import Chatter
from tests.browser.photos import attach, give_microphone, photo, text_file

_UPLOADS = "**/api/threads/*/attachments?*"


async def attaching(ann: Chatter, bob: Chatter) -> AsyncIterator[str]:
    """Yields the name of each state while ann's page is in it."""
    page = ann.page
    await ann.open(bob)
    await bob.open(ann)
    await attach(ann, photo(1), photo(2, 900, 1400), text_file("A plan for the summer, in detail.txt"))
    await expect(page.locator("#tray progress")).to_have_count(0)
    yield "in the tray"
    await page.get_by_label("Description of photo 1.jpg").fill("The sea, and a boat")
    await ann.box.fill("From the holiday")
    await ann.button("Send").click()
    await expect(ann.messages.last.locator(".state")).to_have_text("Sent")
    yield "two photos and a file"
    await attach(ann, photo(3))
    await ann.button("Send").click()
    await expect(ann.messages.last.locator(".state")).to_have_text("Sent")
    yield "one photo"
    for number in (3, 4, 5, 7, 10):
        await attach(bob, *(photo(each) for each in range(number)))
        await expect(bob.button("Send")).to_be_enabled()
        await bob.button("Send").click()
        await expect(ann.messages.last.locator("img")).to_have_count(number, timeout=60_000)
        await expect(ann.messages.last.locator(".tile.loaded")).to_have_count(number)
        yield f"{number} photos"
    await ann.messages.last.locator(".tile").nth(1).click()
    await expect(page.locator("#viewer-picture")).to_be_visible()
    yield "viewer"
    await page.keyboard.press("+")
    await page.keyboard.press("+")
    yield "viewer, larger"
    await page.keyboard.press("Escape")
    await ann.choose("From the holiday", "Reply")
    yield "reply to photos"
    await ann.button("Cancel").first.click()
    await page.locator("#thread").dispatch_event(
        "dragenter", {"dataTransfer": await page.evaluate_handle(
            "() => { const data = new DataTransfer(); data.items.add(new File(['x'], 'x')); return data; }"
        )}
    )  # fmt: skip
    await expect(page.locator("#drop")).to_be_visible()
    yield "dropping"
    await page.locator("#thread").dispatch_event(
        "drop", {"dataTransfer": await page.evaluate_handle("() => new DataTransfer()")}
    )
    await page.evaluate("() => { document.getElementById('drop').hidden = true }")

    await give_microphone(ann)
    await ann.button("Attach photos or files").click()
    yield "ways to attach"
    await page.get_by_role("menuitem", name="Voice message").click()
    await expect(page.locator("#recorder-time")).to_contain_text(re.compile("0:0[1-9]|0:1"))
    yield "recording"
    await ann.button("Send the recording").click()
    await expect(ann.messages.last.locator(".state")).to_have_text("Sent")
    yield "voice message"

    async def refused(route: Route) -> None:
        body = (
            '{"title":"Too large","detail":"a file may have 25 MB at most","status":413,"code":"too-large"}'
        )
        await route.fulfill(status=413, content_type="application/problem+json", body=body)

    await page.route(_UPLOADS, refused)
    await attach(ann, photo(4), text_file())
    await expect(page.locator(".tray-refused")).to_have_count(2)
    yield "refused in the tray"
    for name in ("photo 4.jpg", "plan.txt"):
        await ann.button(f"Remove {name}").click()
    await page.unroute(_UPLOADS, refused)
    await ann.context.set_offline(True)
    await attach(ann, photo(1), photo(2))
    await expect(ann.button("Send")).to_be_enabled()
    await ann.button("Send").click()
    await expect(page.get_by_text("Connection lost.")).to_be_visible()
    yield "sent offline"
    await ann.context.set_offline(False)
    await expect(ann.messages.last.locator(".state")).to_have_text("Sent")
