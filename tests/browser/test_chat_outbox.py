"""What was typed while the connection was away is sent once, in order."""

import re

from playwright.async_api import expect

from tests.browser.chatter import Chatter
from tests.browser.frames import Wiretap
from tests.correspondent import Correspondent


async def test_messages_written_offline_are_sent_once_in_order_when_back(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    await ann.say("before")
    await bob.sees("before")
    await ann.context.set_offline(True)
    banner = ann.page.get_by_role("status").filter(has_text="Connection lost.")
    await expect(banner).to_contain_text(re.compile(r"Trying again in \d+ s · Try now"))
    await ann.say("one", "two", "three")
    await expect(ann.message("three").locator(".state")).to_have_text(
        "You are offline; this will be sent when you are back."
    )
    await bob.say("meanwhile")
    await expect(bob.message("meanwhile").locator(".state")).to_have_text("Sent")
    await ann.context.set_offline(False)
    await expect(ann.page.get_by_text("Back online")).to_be_visible()
    await expect(ann.message("three").locator(".state")).to_have_text("Read")
    await expect(ann.page.get_by_text("Back online")).to_be_hidden()
    await bob.sees("before", "meanwhile", "one", "two", "three")
    await ann.sees("before", "meanwhile", "one", "two", "three")
    assert await ann.stored_with(bob) == ["before", "meanwhile", "one", "two", "three"]


_LINES = """state => {
  const range = document.createRange();
  range.selectNodeContents(state.lastChild);
  const rights = [...range.getClientRects()].map(({right}) => right);
  const [line] = range.getClientRects();
  return {rights, gap: line.left - state.firstChild.getBoundingClientRect().right};
}"""


async def test_on_a_phone_the_note_of_a_waiting_message_ends_where_the_message_does(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, _ = alone
    await ann.page.set_viewport_size({"width": 360, "height": 640})
    await ann.context.set_offline(True)
    await ann.say("later")
    note = ann.message("later").locator(".state")
    await expect(note).to_contain_text("You are offline")
    lines = await note.evaluate(_LINES)
    assert len(lines["rights"]) > 1
    assert max(lines["rights"]) - min(lines["rights"]) < 2
    assert 0 <= lines["gap"] < 10  # the icon is beside the first word


_SEND_AND_LEAVE = """() => {
  document.getElementById("composer").requestSubmit();
  location.reload();
}"""


async def test_what_is_sent_in_the_very_moment_of_a_reload_is_not_lost(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    texts = [f"last word {number}" for number in range(5)]
    for text in texts:
        await ann.box.fill(text)
        async with ann.page.expect_navigation():
            await ann.page.evaluate(_SEND_AND_LEAVE)
        await ann.loaded()
        await expect(ann.box).to_have_value("")
    await ann.sees(*texts)
    await bob.sees(*texts)
    kept = "Object.keys(localStorage).filter(key => key.startsWith('duet:handover:'))"
    assert await ann.page.evaluate(kept) == []


async def test_the_outbox_survives_a_reload(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    tap = await Wiretap.on(ann.page)
    tap.refuse = True
    await ann.page.reload()
    await ann.say("one", "two", "three")
    await expect(ann.messages).to_have_count(3)
    await ann.page.reload()
    await ann.sees("one", "two", "three")
    assert await ann.stored_with(bob) == []
    tap.refuse = False
    await ann.page.reload()
    await bob.sees("one", "two", "three")
    await expect(ann.message("three").locator(".state")).to_have_text("Sent")
    await ann.sees("one", "two", "three")
    assert await ann.stored_with(bob) == ["one", "two", "three"]


async def test_a_lost_acknowledgement_does_not_send_a_message_twice(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    tap = await Wiretap.after_reload(ann.page)
    tap.deaf = True
    await ann.say("only once")
    await bob.sees("only once")
    await expect(ann.message("only once").locator(".state")).to_have_text("Sending")
    tap.deaf = False
    await ann.page.reload()
    await expect(ann.message("only once").locator(".state")).to_have_text("Sent")
    await ann.sees("only once")
    await ann.say("next")
    await bob.sees("only once", "next")


async def test_retryable_rejections_keep_the_order(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    tap = await Wiretap.after_reload(ann.page)
    tap.reject_sends = 3
    tap.problem = {"type": "about:blank", "title": "Too many requests", "status": 429, "retry": True}
    await ann.say("one", "two", "three")
    await bob.sees("one", "two", "three")
    await ann.sees("one", "two", "three")


async def test_a_rejected_message_that_came_another_way_lets_later_ones_pass(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    tap = await Wiretap.after_reload(ann.page)
    tap.reject_sends = 1000
    tap.problem = {"type": "about:blank", "title": "Too many requests", "status": 429, "retry": True}
    await ann.say("another way")
    await expect(ann.message("another way").locator(".state")).to_have_text("Sending")
    sent = await tap.sends.get()
    message = {"client_id": sent["client_id"], "text": sent["text"]}
    answer = await ann.context.request.post(f"{ann.url}/api/threads/{bob.username}/messages", data=message)
    assert answer.status == 201
    await expect(ann.message("another way").locator(".state")).to_have_text("Sent")
    tap.reject_sends = 0
    await ann.say("and on")
    await bob.sees("another way", "and on")


async def test_a_message_that_is_refused_can_be_sent_again_or_edited(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    tap = await Wiretap.after_reload(ann.page)
    tap.problem = {"type": "about:blank", "title": "No", "detail": "text is not for Duet", "status": 422}
    tap.reject_sends = 2
    await ann.say("first", "second", "third")
    await bob.sees("third")
    for text in ("first", "second"):
        await expect(ann.message(text)).to_contain_text("Not sent · Retry · Edit")
        await expect(ann.message(text)).to_contain_text("Text is not for Duet.")
    await ann.page.reload()
    await ann.message("first").get_by_role("button", name="Retry").press("Enter")
    await expect(ann.log).to_be_focused()  # the button is gone
    await bob.sees("third", "first")
    await ann.message("second").get_by_role("button", name="Edit").click()
    await expect(ann.box).to_have_value("second")
    await expect(ann.box).to_be_focused()
    await ann.say("second, better")
    await bob.sees("third", "first", "second, better")
    await ann.sees("third", "first", "second, better")


async def test_of_several_tabs_one_sends_and_all_show_it(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    other = await ann.another_tab()
    await other.open(bob)
    await other.say("from the second tab")
    await bob.sees("from the second tab")
    for tab in (ann, other):
        await expect(tab.message("from the second tab").locator(".state")).to_have_text("Read")
    await ann.context.set_offline(True)
    written = ["a one", "b one", "a two", "b two"]
    for writing, text in zip((ann, other, ann, other), written, strict=True):
        await writing.say(text)
        for tab in (ann, other):
            await expect(tab.message(text)).to_be_visible()
    await ann.context.set_offline(False)
    await expect(bob.messages).to_have_count(5)
    for tab in (ann, other, bob):
        await tab.sees("from the second tab", *written)


async def test_another_tab_takes_over_when_the_sending_one_is_closed(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    other = await ann.another_tab()
    await other.open(bob)
    await ann.page.close()
    await other.say("still here")
    await bob.sees("still here")


async def test_a_close_code_that_blames_the_last_frame_fails_that_message(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    tap = await Wiretap.after_reload(ann.page)
    tap.close_on_send = 1009
    await ann.say("to blame")
    await expect(ann.message("to blame")).to_contain_text("Not sent · Retry · Edit")
    await ann.say("and on")
    await bob.sees("and on")
