"""What Enter means: to an input method, on a touch keyboard, and when it is held."""

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
IME_KEY_CODE = 229
# As an input method's Enter comes: while it composes; in Safari when it has just ended; on Android.
COMPOSING: list[dict[str, Any]] = [{"isComposing": True, "keyCode": 13}, {"keyCode": IME_KEY_CODE}]


async def press(part: Locator, **event: Any) -> None:
    given = {"key": "Enter", "bubbles": True, "cancelable": True, **event}
    await part.evaluate("(part, given) => part.dispatchEvent(new KeyboardEvent('keydown', given))", given)


async def confirm_by_ime(somebody: Chatter, word: str) -> None:
    """A word is composed in the focused field, and its Enter is the input method's."""
    ime = await somebody.context.new_cdp_session(somebody.page)
    await ime.send(
        "Input.imeSetComposition", {"text": word, "selectionStart": len(word), "selectionEnd": len(word)}
    )
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": IME_KEY_CODE}
    await ime.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    await ime.send("Input.insertText", {"text": word})
    await ime.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


@pytest.mark.parametrize("event", COMPOSING)
async def test_an_input_methods_enter_neither_sends_nor_opens_a_chat(
    alone: tuple[Chatter, Correspondent], event: dict[str, Any]
) -> None:
    ann, bob = alone
    await ann.box.fill("日本")
    await press(ann.box, **event)
    await expect(ann.box).to_have_value("日本")
    await confirm_by_ime(ann, "語")
    await expect(ann.box).to_have_value("日本語")
    await ann.box.press("Enter")
    await bob.sees("日本語")
    await ann.button("New chat").click()
    search = ann.page.get_by_label("Search people")
    await expect(ann.page.get_by_role("option", selected=True)).to_have_count(1)
    for key in ("Enter", "ArrowDown"):
        await press(search, **event, key=key)
        await expect(ann.page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    await confirm_by_ime(ann, bob.username)
    await expect(ann.page.get_by_role("option")).to_have_count(1)
    await expect(search).to_be_focused()
    await search.press("Enter")
    await expect(search).to_be_hidden()


async def test_an_enter_that_is_held_opens_the_list_and_nobodys_chat(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await ann.open()
    await ann.button("New chat").focus()
    await ann.page.keyboard.down("Enter")
    chosen = ann.page.get_by_role("option", selected=True)
    await expect(chosen).to_have_count(1)
    await ann.page.keyboard.down("Enter")
    await ann.page.keyboard.up("Enter")
    await ann.page.get_by_label("Search people").fill(bob.username)
    await expect(chosen).to_contain_text(bob.username)
    await ann.page.keyboard.press("Enter")
    await ann.page.wait_for_url(f"**/messages/{bob.username}")


async def test_on_a_touch_keyboard_enter_begins_a_line_and_the_button_sends(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", **PHONE)
    bob = await correspondent("Bob", ann)
    await ann.page.goto(f"{ann.url}/messages/{bob.username}")
    await ann.loaded()
    await expect(ann.box).to_have_attribute("enterkeyhint", "enter")
    await ann.box.tap()
    await ann.page.keyboard.type("one\ntwo")
    await expect(ann.box).to_have_value("one\ntwo")
    await ann.button("Send").tap()
    await bob.sees("one\ntwo")
    await ann.box.fill("by a keyboard of its own")
    await ann.box.press("ControlOrMeta+Enter")
    await bob.sees("one\ntwo", "by a keyboard of its own")


async def test_enter_means_what_the_pointer_at_hand_makes_it_mean(
    alone: tuple[Chatter, Correspondent],
) -> None:
    """A tablet that is taken out of its keyboard, and put back."""
    ann, bob = alone
    device = await ann.context.new_cdp_session(ann.page)
    await expect(ann.box).to_have_attribute("enterkeyhint", "send")
    await device.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    await expect(ann.box).to_have_attribute("enterkeyhint", "enter")
    await ann.box.press_sequentially("one\ntwo")
    await expect(ann.box).to_have_value("one\ntwo")
    await device.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    await expect(ann.box).to_have_attribute("enterkeyhint", "send")
    await ann.box.press("Enter")
    await bob.sees("one\ntwo")


async def test_a_thread_on_a_phone_has_no_round_button_beside_send(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", **PHONE)
    bob = await correspondent("Bob", ann)
    await bob.say("hello")
    await ann.open()
    await expect(ann.button("New chat")).to_be_visible()
    await ann.row(bob).tap()
    await expect(ann.box).to_be_visible()
    await expect(ann.button("New chat")).to_be_hidden()
    send = await ann.button("Send").bounding_box()
    assert send is not None
    assert send["x"] + send["width"] > PHONE["viewport"]["width"] - 24, "the thumb's place is its own"
    await ann.page.get_by_role("link", name="Back").tap()
    await expect(ann.button("New chat")).to_be_visible()
