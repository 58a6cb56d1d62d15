"""Photos and files in the chat: given in every way, sent once and in order, shown, and looked at."""

import asyncio
import re
from typing import Any

from playwright.async_api import Page, Route, expect

from shared.testing.heic import HEIC
from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.photos import attach, attach_made, give_microphone, photo, text_file
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent, Peer

UPLOADS = "**/api/threads/*/attachments?*"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def stored(who: Chatter, peer: Peer) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """What the log has: each message's text, and its files with their descriptions."""
    answer = await who.context.request.get(f"{who.url}/api/threads/{peer.username}/messages")
    return [
        (one["text"], [(file["name"], file.get("alt")) for file in one.get("attachments", [])])
        for one in (await answer.json())["messages"]
    ]


async def settled(who: Chatter) -> None:
    """All that they wrote is in the log, and the page says so."""
    sent = who.messages.last.locator(".state")
    await expect(sent).to_have_text(re.compile("Sent|Delivered|Read"), timeout=30_000)
    await expect(who.log.get_by_text("Sending")).to_have_count(0, timeout=30_000)


async def test_photos_and_files_are_described_sent_shown_and_answered(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await attach(ann, photo(0, 2600, 1300), photo(1, 300, 400), text_file())
    await ann.page.get_by_label("Description of photo 0.jpg").fill("The sea, and a boat")
    await ann.button("Remove photo 1.jpg").click()
    await ann.page.get_by_label("Description of photo 0.jpg").press("Tab")
    await no_violations(ann.page)
    await ann.box.fill("From the holiday")
    await ann.button("Send").click()
    await settled(ann)
    assert await stored(ann, bob) == [
        ("From the holiday", [("photo 0.jpg", "The sea, and a boat"), ("plan.txt", None)])
    ]
    tile = bob.log.get_by_role("button", name="The sea, and a boat")
    await expect(tile).to_have_class("tile loaded")
    picture = tile.get_by_role("img")
    sizes = "node => [node.naturalWidth, node.width / node.height, node.getAttribute('loading')]"
    assert await picture.evaluate(sizes) == [2048, 2, "lazy"]
    async with bob.page.expect_download() as download:
        await bob.log.get_by_role("link", name="plan.txt").click()
    assert (await download.value).suggested_filename == "plan.txt"
    await no_violations(bob.page)
    await bob.choose("From the holiday", "Reply")
    await bob.say("Lovely")
    await expect(ann.log.locator(".quote-text")).to_have_text("2 files · From the holiday")
    await expect(ann.row(bob)).to_contain_text("Lovely")
    await attach(bob, photo(2))
    await bob.button("Send").click()
    await expect(ann.row(bob)).to_contain_text("Photo")
    await ann.choose("From the holiday", "Edit")
    await ann.box.fill("")
    await ann.box.press("Enter")
    await expect(bob.bubbles.first).to_be_hidden()
    await expect(ann.log.locator(".quote-text")).to_have_text("2 files")
    await ann.page.keyboard.press("ArrowUp")
    await ann.box.fill("From the holiday")
    await ann.box.press("Enter")
    await expect(bob.bubbles.first).to_have_text("From the holiday")
    await ann.choose("From the holiday", "Delete")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(bob.message("Ann deleted this message")).to_be_visible()
    await expect(tile).to_have_count(0)


async def test_what_is_pasted_or_dropped_is_attached(alone: tuple[Chatter, Correspondent]) -> None:
    ann, _ = alone
    transfer = await ann.page.evaluate_handle(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["one"], "one.txt", { type: "text/plain" }));
          return data;
        }"""
    )
    thread = ann.page.locator("#thread")
    await thread.dispatch_event("dragenter", {"dataTransfer": transfer})
    await expect(ann.page.get_by_text("Drop photos or files here to send them")).to_be_visible()
    await thread.dispatch_event("drop", {"dataTransfer": transfer})
    await expect(ann.page.get_by_text("Drop photos or files here to send them")).to_be_hidden()
    await expect(ann.button("Remove one.txt")).to_be_visible()
    await ann.page.evaluate(
        """(data) => document.getElementById("message").dispatchEvent(
          new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))""",
        transfer,
    )
    await expect(ann.button("Remove one.txt")).to_have_count(2)
    await expect(ann.box).to_be_focused()


async def test_twenty_photos_over_a_line_that_is_cut_arrive_once_and_in_order(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    tries = 0

    async def cut(route: Route) -> None:
        """Every fourth before it arrives, every seventh after that."""
        nonlocal tries
        tries += 1
        if tries % 4 == 0:
            await route.abort("connectionreset")
        elif tries % 7 == 0:
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await ann.page.route(UPLOADS, cut)
    await attach(ann, *(photo(number, 160, 120) for number in range(20)))
    await ann.box.fill("All of them")
    await expect(ann.button("Send")).to_be_enabled()
    await ann.button("Send").click()
    await ann.say("That was all")
    await settled(ann)
    names = [f"photo {number}.jpg" for number in range(20)]
    assert [(text, [name for name, _ in files]) for text, files in await stored(bob, ann)] == [
        ("All of them", names[:10]), ("", names[10:]), ("That was all", []),
    ]  # fmt: skip
    assert tries > 20
    await expect(bob.log.get_by_role("img", name="Photo")).to_have_count(20)


async def test_what_is_attached_offline_is_sent_by_the_next_page_once_there_is_a_line(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    await ann.page.route(UPLOADS, lambda route: route.abort("internetdisconnected"))
    await attach(ann, photo(3, 640, 480))
    await expect(ann.button("Send")).to_be_enabled()
    await ann.button("Send").click()
    await ann.say("after it")
    await expect(ann.log.get_by_text("Sending")).to_be_visible()
    await expect(ann.log.get_by_role("img", name="Photo")).to_be_visible()
    again = await ann.another_tab()
    await ann.page.close()
    await again.open(bob)
    await settled(again)
    assert await stored(bob, ann) == [("", [("photo 3.jpg", None)]), ("after it", [])]
    left = "async () => (await indexedDB.databases()).map(({ name }) => name)"
    assert "duet-files" in await again.page.evaluate(left)
    await expect(bob.log.get_by_role("img", name="Photo")).to_be_visible()


async def test_what_is_chosen_outlives_its_page_and_is_the_same_in_every_tab(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    await attach(ann, photo(0, 640, 480), text_file())
    description = ann.page.get_by_label("Description of photo 0.jpg")
    await description.fill("A boat")
    await ann.box.fill("Look")
    kept = f"() => /A boat.*plan.txt/.test(localStorage['duet:tray:{ann.username}:{bob.username}'])"
    await ann.page.wait_for_function(kept)
    await ann.page.reload()
    await expect(description).to_have_value("A boat")
    await expect(ann.page.locator(".tray-look img")).to_be_visible()
    other = await ann.another_tab()
    await other.open(bob)
    await expect(other.button("Remove plan.txt")).to_be_visible()
    await expect(other.page.locator(".tray-look img")).to_be_visible()
    await ann.button("Send").click()
    await expect(other.page.locator(".tray-file")).to_have_count(0)
    await settled(ann)
    assert await stored(ann, bob) == [("Look", [("photo 0.jpg", "A boat"), ("plan.txt", None)])]


async def test_a_file_that_is_refused_says_why_and_holds_up_nothing(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    await attach_made(ann, "film.bin", 25 * 1024 * 1024 + 1)
    await expect(ann.page.locator("#note")).to_contain_text("film.bin is larger than 25 MB.")
    await attach_made(ann, "nothing.txt", 0)
    await expect(ann.page.locator("#note")).to_contain_text("nothing.txt is empty, or a folder.")
    await expect(ann.page.locator(".tray-file")).to_have_count(0)

    async def full(route: Route) -> None:
        body = '{"title":"Full","detail":"your files take all the room there is","status":403,"code":"over-quota"}'
        await route.fulfill(status=403, content_type="application/problem+json", body=body)

    await ann.page.route(UPLOADS, full)
    await attach(ann, photo(4, 640, 480))
    refused = ann.page.get_by_role("alert").filter(has_text="Your files take all the room there is.")
    await expect(refused).to_be_visible()
    await expect(ann.button("Send")).to_be_disabled()
    await no_violations(ann.page)
    await ann.page.unroute(UPLOADS, full)
    await ann.page.locator(".tray-retry").click()
    await ann.button("Send").click()
    await settled(ann)
    assert await stored(ann, bob) == [("", [("photo 4.jpg", None)])]


async def test_a_photo_that_only_its_phone_can_read_goes_as_a_file_and_is_said_to(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    await attach(ann, {"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": HEIC}, photo(0, 60, 40))
    said = ann.page.get_by_text("Goes as a file, not as a photo")
    await expect(said).to_have_count(1)
    await expect(ann.page.locator(".tray-file").filter(has=said)).to_contain_text("IMG_1.HEIC454 bytes")
    await no_violations(ann.page)
    await ann.button("Send").click()
    await expect(bob.log.get_by_role("link", name="IMG_1.HEIC")).to_have_attribute("download", "IMG_1.HEIC")
    await expect(bob.log.get_by_role("img", name="Photo")).to_have_count(1)


async def test_photos_are_looked_at_large_by_keyboard(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await attach(bob, photo(0, 640, 480), photo(1, 640, 480), photo(2, 640, 480))
    await bob.page.get_by_label("Description of photo 1.jpg").fill("A boat")
    await expect(bob.button("Send")).to_be_enabled()
    await bob.button("Send").click()
    tiles = ann.log.locator(".tile")
    await expect(tiles).to_have_count(3)
    await tiles.nth(0).focus()
    await ann.page.keyboard.press("Enter")
    viewer = ann.page.get_by_role("dialog", name="Photos")
    await expect(viewer.get_by_text("Photo 1 of 3")).to_be_visible()
    await expect(ann.button("Earlier photo")).to_be_hidden()
    await ann.page.keyboard.press("ArrowRight")
    await expect(viewer.get_by_role("img", name="A boat")).to_be_visible()
    await no_violations(ann.page)
    await ann.page.keyboard.press("+")
    await expect(viewer.locator(".viewer-stage.zoomed")).to_be_visible()
    await ann.page.keyboard.press("0")
    await expect(viewer.locator(".viewer-stage.zoomed")).to_have_count(0)
    async with ann.page.expect_download() as download:
        await viewer.get_by_role("link", name="Download").click()
    assert (await download.value).suggested_filename.startswith("photo 1")
    await ann.page.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()
    await expect(tiles.nth(0)).to_be_focused()


async def _swipe(page: Page, x: int) -> None:
    stage = await page.locator(".viewer-stage").bounding_box()
    assert stage is not None
    middle = (stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    await page.mouse.move(*middle)
    await page.mouse.down()
    await page.mouse.move(middle[0] + x, middle[1], steps=4)
    await page.mouse.up()


async def test_on_a_phone_photos_are_chosen_or_taken_and_swiped_through(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", **PHONE)
    bob = await correspondent("Bob", ann)
    await ann.open(bob)
    await ann.button("Attach photos or files").tap()
    await expect(ann.page.get_by_role("menuitem", name="Take a photo")).to_be_visible()
    async with ann.page.expect_file_chooser() as chooser:
        await ann.page.get_by_role("menuitem", name="Photos and files").tap()
    await (await chooser.value).set_files([photo(0, 640, 480), photo(1, 480, 640)])
    await expect(ann.button("Send")).to_be_enabled()
    await no_violations(ann.page)
    await ann.button("Send").tap()
    await settled(ann)
    await ann.log.locator(".tile").nth(0).tap()
    place = ann.page.locator("#viewer-place")
    await expect(place).to_have_text("Photo 1 of 2")
    await _swipe(ann.page, -150)
    await expect(place).to_have_text("Photo 2 of 2")
    await _swipe(ann.page, 150)
    await expect(place).to_have_text("Photo 1 of 2")
    await ann.button("Close").tap()
    await expect(place).to_be_hidden()


async def test_a_message_on_its_way_can_be_taken_back(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    may_go = asyncio.Event()

    async def slow(route: Route) -> None:
        await may_go.wait()
        await route.continue_()

    await ann.page.route(UPLOADS, slow)
    await attach(ann, photo(0, 640, 480))
    await ann.box.fill("the wrong one")
    await expect(ann.button("Send")).to_be_enabled()
    await ann.button("Send").click()
    await ann.log.get_by_role("button", name="Cancel").click()
    await expect(ann.messages).to_have_count(0)
    await expect(ann.box).to_have_value("the wrong one")
    await ann.button("Remove photo 0.jpg").click()
    may_go.set()
    await ann.say("Hello")
    await bob.sees("Hello")
    assert await stored(ann, bob) == [("Hello", [])]


async def test_a_voice_message_is_recorded_sent_and_played_at_any_speed(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    await give_microphone(ann, allowed=False)
    await ann.button("Attach photos or files").click()
    await ann.page.get_by_role("menuitem", name="Voice message").click()
    await expect(ann.page.locator("#note")).to_contain_text("Duet may not use the microphone.")
    await give_microphone(ann)

    async def record() -> None:
        await ann.button("Attach photos or files").click()
        await ann.page.get_by_role("menuitem", name="Voice message").click()
        await expect(ann.button("Send the recording")).to_be_focused()

    await record()
    await ann.page.keyboard.press("Escape")
    await expect(ann.box).to_be_focused()
    await record()
    await no_violations(ann.page)
    await expect(ann.page.locator("#recorder-time")).to_contain_text(
        re.compile("0:0[2-9]|0:1")
    )  # on its clock; of sound, a bit less
    await ann.page.keyboard.press("Enter")
    await settled(ann)
    await expect(ann.row(bob)).to_contain_text("You: Voice message")
    voice = bob.log.get_by_role("group", name="Voice message")
    place = voice.get_by_role("slider", name="Position")
    await expect(place).to_have_attribute("aria-valuetext", re.compile("0:00 of 0:0[1-9]"))
    await expect(voice.locator(".wave-all path")).to_have_attribute(
        "d", re.compile("(M[0-9.]+ [0-9.]+v[0-9.]+){48}")
    )
    await voice.get_by_role("button", name="Speed 1×").click()
    await voice.get_by_role("button", name="Speed 1.5×").click()
    await expect(voice.get_by_role("button", name="Speed 2×")).to_be_visible()
    await no_violations(bob.page)
    await place.press("ArrowRight")
    await expect(place).to_have_attribute("aria-valuetext", re.compile("0:01 of 0:0[1-9]"))
    await place.press("ArrowLeft")
    await expect(voice.locator(".voice-time")).to_have_text(re.compile(r"^0:0[1-9]$"))
    await place.click()
    middle = (
        "(node) => Math.abs(node.currentTime / node.closest('.voice').querySelector('input').max - 0.5) < 0.1"
    )
    assert await voice.locator("audio").evaluate(middle)
    await place.press(" ")
    await expect(voice.get_by_role("button", name="Pause")).to_be_visible()
    assert await voice.locator("audio").evaluate("({ playbackRate }) => playbackRate") == 2
    await expect(voice.get_by_role("button", name="Play")).to_be_visible()
    await expect(place).to_have_attribute("aria-valuetext", re.compile("0:00 of 0:0[1-9]"))


async def test_who_logs_out_leaves_no_file_behind(alone: tuple[Chatter, Correspondent]) -> None:
    ann, _ = alone
    await ann.page.route(UPLOADS, lambda route: route.abort("internetdisconnected"))
    await attach(ann, text_file())
    await expect(ann.button("Send")).to_be_enabled()
    await ann.button("Send").click()
    await attach(ann, text_file("unsent.txt"))
    kept = """async () => {
      if (!(await indexedDB.databases()).some(({ name }) => name === "duet-files")) return 0;
      return new Promise((resolve) => {
        indexedDB.open("duet-files").onsuccess = ({ target: { result } }) => {
          const count = result.transaction("files").objectStore("files").count();
          count.onsuccess = () => resolve(result.close() ?? count.result);
        };
      });
    }"""
    async with asyncio.timeout(10):
        while await ann.page.evaluate(kept) != 2:
            await asyncio.sleep(0.02)
    await ann.button("Log out").click()
    await ann.page.get_by_role("dialog").get_by_role("button", name="Discard and log out").click()
    await ann.page.wait_for_url("**/login**")
    assert await ann.page.evaluate(kept) == 0
    assert (
        await ann.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('duet:tray'))")
        == []
    )
