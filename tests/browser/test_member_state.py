"""What one keeps about a chat for oneself: drafts, mutes, the archive and marks, the same on all devices."""

import json
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Request, expect

from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent, Peer

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
}

Devices = tuple[Chatter, Chatter, Correspondent]


def _badge(somebody: Chatter, peer: Peer) -> Locator:
    return somebody.row(peer).locator(".badge")


def _archived(somebody: Chatter, count: int) -> Locator:
    return somebody.inbox.get_by_role("button", name=f"Archived ({count})")


async def _choose(somebody: Chatter, peer: Peer, action: str) -> None:
    """From the menu of the peer's row, by keyboard."""
    await somebody.button(f"Chat options for {peer.display_name}").press("Enter")
    item = somebody.page.get_by_role("menuitem", name=action, exact=True)
    await item.focus()
    await item.press("Enter")


@pytest_asyncio.fixture(loop_scope="session")
async def devices(chatter: MakeChatter, correspondent: MakeCorrespondent) -> Devices:
    """Ann's laptop and phone, each with the inbox open, and Bob, who has written to her."""
    ann, phone = await chatter("Ann"), await chatter("Phone", **PHONE)
    bob = await correspondent("Bob", ann)
    await phone.log_in_as(ann)
    await bob.say("hello")
    for device in (ann, phone):
        await device.open()
        await expect(_badge(device, bob)).to_have_text("1 unread")
    return ann, phone, bob


async def test_a_draft_follows_to_another_device_with_what_it_answers(
    devices: Devices,
) -> None:
    ann, phone, bob = devices
    saved: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            saved.append(json.loads(request.post_data or "")["draft"]["text"])

    ann.page.on("request", note)
    await ann.row(bob).click()
    await ann.choose("hello", "Reply")
    await ann.box.press_sequentially("half a thought")
    await expect(phone.row(bob)).to_contain_text("Draft: half a thought")
    assert saved == ["half a thought"], "once, not with each key"
    await no_violations(phone.page)
    await phone.row(bob).click()
    for device in (phone, ann):
        await expect(device.box).to_have_value("half a thought")
        await expect(device.page.get_by_text("Replying to Bob")).to_be_visible()
        await device.page.reload()
    await ann.box.fill("a whole thought")
    await expect(phone.box).to_have_value("a whole thought")
    await phone.button("Send").click()
    await bob.sees("hello", "a whole thought")
    hello, answer = await bob.messages()
    assert answer["reply_to"] == hello["seq"]
    await expect(ann.box).to_have_value("")
    await expect(ann.page.get_by_text("Replying to Bob")).to_be_hidden()
    await ann.page.reload()
    await expect(ann.box).to_have_value("")


async def test_two_drafts_are_kept_until_somebody_decides(
    devices: Devices,
) -> None:
    ann, phone, bob = devices
    await phone.row(bob).click()
    await phone.loaded()
    await phone.context.set_offline(True)
    await expect(phone.page.get_by_text("Connection lost.")).to_be_visible()
    await phone.box.fill("from the phone")
    await ann.row(bob).click()
    await ann.box.fill("from the laptop")
    await ann.page.get_by_role("link", name="Settings").click()  # it is saved on the way out
    await expect(ann.page.get_by_role("heading", name="Settings")).to_be_visible()
    await phone.context.set_offline(False)
    offer = phone.page.get_by_text("Another draft from your other device")
    await expect(offer).to_be_visible()
    await expect(phone.box).to_have_value("from the phone")
    await no_violations(phone.page)
    await phone.page.reload()
    await expect(offer).to_be_visible()
    await phone.button("Use it").click()
    await expect(phone.box).to_have_value("from the laptop")
    await phone.button("Use it").click()
    await expect(phone.box).to_have_value("from the phone")
    await phone.button("Drop the other draft").click()
    await ann.open(bob)
    await expect(ann.box).to_have_value("from the phone")
    await ann.button("Log out").click()
    await ann.page.wait_for_url("**/login")
    assert not await ann.page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft'))")
    await ann.log_in_as(ann)
    await ann.open(bob)
    await expect(ann.box).to_have_value("from the phone")


async def test_a_muted_chat_is_quiet_on_every_device(devices: Devices) -> None:
    ann, phone, bob = devices
    other = await ann.another_tab()
    await other.open()
    for device in (ann, phone):
        await expect(device.page).to_have_title("(1) Duet")
    await _choose(ann, bob, "Mute for an hour")
    for device in (ann, other, phone):
        await expect(device.page).to_have_title("Duet")
        await expect(_badge(device, bob)).to_have_class("badge quiet")
        await expect(device.row(bob)).to_contain_text("muted")
    await bob.say("are you there?")
    await expect(_badge(phone, bob)).to_have_text("2 unread")
    await expect(phone.page).to_have_title("Duet")
    await no_violations(ann.page)
    await phone.row(bob).click()
    await phone.button("Chat options").click()
    await no_violations(phone.page)
    await phone.page.get_by_role("menuitem", name="Unmute").click()
    await bob.say("hello?")
    await expect(phone.message("hello?")).to_be_visible()
    await expect(ann.row(bob)).not_to_contain_text("muted")


async def test_an_archived_chat_leaves_the_list_until_something_new_comes(
    devices: Devices,
) -> None:
    ann, phone, bob = devices
    await _choose(ann, bob, "Archive")
    await expect(ann.row(bob)).to_have_count(0)
    await expect(ann.button("Undo")).to_be_focused()
    await expect(_archived(phone, 1)).to_contain_text("1 chat with something unread")
    await no_violations(ann.page)
    await ann.button("Undo").press("Enter")
    await expect(ann.row(bob)).to_be_focused()
    await expect(phone.row(bob)).to_be_visible()
    await _choose(ann, bob, "Archive")
    await _archived(phone, 1).click()
    await expect(phone.page.get_by_role("heading", name="Archived")).to_be_visible()
    await expect(phone.row(bob)).to_be_visible()
    await expect(phone.page).to_have_title("Duet")
    await phone.page.reload()
    await expect(phone.row(bob)).to_have_count(0)
    await bob.say("something new")
    for device in (ann, phone):
        await expect(device.row(bob)).to_contain_text("something new")
        await expect(_archived(device, 1)).to_be_hidden()


async def test_a_chat_that_is_archived_for_good_stays_there(
    devices: Devices,
) -> None:
    ann, phone, bob = devices
    await ann.row(bob).click()
    await ann.button("Chat options").click()
    await ann.page.get_by_role("menuitem", name="Archive for good").click()
    await expect(ann.page.get_by_text("No chat is open")).to_be_visible()
    await expect(ann.page.get_by_text("All of your chats are archived.")).to_be_visible()
    await bob.say("something new")
    await _archived(ann, 1).press("Enter")
    await expect(ann.button("All chats")).to_be_focused()
    await expect(ann.row(bob)).to_contain_text("something new")
    title = ann.page.get_by_role("heading", name="Archived")
    assert await title.evaluate("title => title.scrollWidth <= title.clientWidth"), "all of it can be read"
    await no_violations(ann.page)
    await expect(phone.row(bob)).to_have_count(0)
    await _choose(ann, bob, "Unarchive")
    await expect(ann.page.get_by_text("No chat is archived.")).to_be_visible()
    await no_violations(ann.page)
    await ann.button("All chats").press("Enter")
    for device in (ann, phone):
        await expect(device.row(bob)).to_contain_text("something new")


async def test_a_chat_marked_as_unread_is_so_everywhere_until_it_is_opened(
    devices: Devices,
) -> None:
    ann, phone, bob = devices
    await ann.row(bob).click()
    await expect(ann.page).to_have_title("Duet")
    await ann.button("Chat options").click()
    await ann.page.get_by_role("menuitem", name="Mark as unread").click()
    await expect(ann.page.get_by_text("No chat is open")).to_be_visible()
    for device in (ann, phone):
        await expect(_badge(device, bob)).to_have_text("Marked as unread")
        await expect(device.page).to_have_title("(1) Duet")
        await no_violations(device.page)
    await phone.row(bob).click()
    for device in (ann, phone):
        await expect(_badge(device, bob)).to_have_count(0)
        await expect(device.page).to_have_title("Duet")
    await _choose(ann, bob, "Mark as unread")
    await expect(_badge(ann, bob)).to_be_visible()
    await _choose(ann, bob, "Mark as read")
    await ann.page.reload()
    await expect(ann.row(bob)).to_be_visible()
    await expect(_badge(ann, bob)).to_have_count(0)


async def test_what_the_server_refuses_is_taken_back_and_said(
    devices: Devices,
) -> None:
    ann, _, bob = devices
    await ann.page.route("**/state", lambda route: route.abort())
    await _choose(ann, bob, "Archive")
    await expect(ann.page.get_by_text("The chat with Bob could not be changed.")).to_be_visible()
    await expect(ann.row(bob)).to_be_visible()
    await expect(_archived(ann, 1)).to_be_hidden()
    await no_violations(ann.page)


async def test_the_menu_of_a_row_opens_by_finger_by_right_click_and_by_keys(
    devices: Devices,
) -> None:
    ann, phone, bob = devices
    menu = phone.page.get_by_role("menu", name="Chat options")
    session = await phone.context.new_cdp_session(phone.page)
    box = await phone.row(bob).bounding_box()
    assert box is not None
    finger = {"x": box["x"] + 150, "y": box["y"] + 20}
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
    await expect(menu).to_be_visible()
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(menu.get_by_role("menuitem").first).to_be_focused()
    await expect(phone.inbox).to_be_visible()
    await no_violations(phone.page)
    await phone.page.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
    menu = ann.page.get_by_role("menu", name="Chat options")
    await ann.row(bob).click(button="right")
    await expect(menu).to_be_visible()
    await bob.say("the row is drawn anew")
    await expect(ann.row(bob)).to_contain_text("drawn anew")
    await expect(menu).to_be_visible()
    await ann.page.keyboard.press("Escape")
    options = ann.button("Chat options for Bob")
    await expect(options).to_be_focused()
    await expect(options).to_have_css("opacity", "1")
    await ann.row(bob).press("Shift+F10")
    await expect(menu).to_be_visible()
    await ann.page.keyboard.press("u")
    await ann.page.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
