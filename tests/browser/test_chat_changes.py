"""Editing, deleting, answering and reacting, as two people see it."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from shared.wire.ids import uuid7
from shared.wire.text import MAX_TEXT_CODE_POINTS
from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.frames import Wiretap
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent, Peer

PAGE = 50

# All that a page and its browser hold of a text: what is drawn, what is typed, what is stored.
HOLDS = """async (text) => {
  const found = [];
  if (document.documentElement.outerHTML.includes(text)) found.push("the page");
  if ([...document.querySelectorAll("input, textarea")].some(({value}) => value.includes(text))) found.push("a field");
  for (const name of ["localStorage", "sessionStorage"])
    if (JSON.stringify({...window[name]}).includes(text)) found.push(name);
  for (const {name} of await indexedDB.databases()) {
    const db = await new Promise((done) => { indexedDB.open(name).onsuccess = ({target}) => done(target.result); });
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store).getAll();
      await new Promise((done) => { all.onsuccess = done; });
      if (JSON.stringify(all.result).includes(text)) found.push(`${name} ${store}`);
    }
    db.close();
  }
  return found;
}"""

# What a screen reader is told of the log while it changes.
LISTEN = """(log) => {
  window.heard = [];
  new MutationObserver((records) => {
    for (const {type, target, addedNodes} of records)
      for (const node of type === "childList" ? addedNodes : [target]) {
        const part = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
        if (!part?.closest("[aria-live=off]")) window.heard.push(node.textContent);
      }
  }).observe(log, {subtree: true, childList: true, characterData: true});
}"""


async def post(somebody: Chatter, peer: Peer, path: str, **body: Any) -> Any:
    """A call as another device of theirs makes it."""
    answer = await somebody.context.request.post(
        f"{somebody.url}/api/threads/{peer.username}/{path}", data={"client_id": str(uuid7()), **body}
    )
    assert answer.status == 201, await answer.text()
    return await answer.json()


async def top_of(part: Locator) -> float:
    box = await part.bounding_box()
    assert box is not None
    return box["y"]


async def test_an_edit_takes_the_composer_and_both_can_read_what_it_said(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    await ann.say("first words", "and more")
    await expect(bob.messages).to_have_count(2)
    await ann.box.fill("a draft")
    await ann.choose("first words", "Edit")
    bar = ann.page.locator("#composer-bar")
    await expect(bar).to_contain_text("Editing")
    await expect(ann.box).to_be_focused()
    await expect(ann.box).to_have_value("first words")
    await ann.box.fill("half typed")
    await ann.page.reload()
    await expect(bar).to_contain_text("Editing")
    await expect(bar).to_contain_text("first words")
    await expect(ann.box).to_have_value("half typed")
    await ann.box.fill("é" * (MAX_TEXT_CODE_POINTS + 1))
    await expect(ann.button("Send")).to_be_disabled()
    await no_violations(ann.page)
    await ann.page.keyboard.press("Escape")
    await expect(bar).to_be_hidden()
    await expect(ann.box).to_have_value("a draft")
    await ann.box.fill("")
    await ann.box.press("ArrowUp")
    await expect(ann.box).to_have_value("and more")
    await ann.button("Cancel").click()
    await ann.choose("first words", "Edit")
    await ann.box.press("Enter")  # nothing has changed
    await ann.choose("first words", "Edit")
    await ann.box.fill("other words")
    await ann.box.press("Enter")
    for each in pair:
        await each.sees("other words", "and more")
        await expect(each.message("other words")).to_contain_text("edited")
        await each.button("edited").click()
        versions = each.page.get_by_role("dialog", name="Earlier versions")
        await expect(versions.locator(".past-text")).to_have_text(["first words", "other words"])
        await no_violations(each.page)
        if each is bob:  # who looks at them sees what they come to
            await post(ann, bob, "events", kind="edit", body={"target": 1, "text": "last words"})
            await expect(versions.locator(".past-text")).to_have_text(
                ["first words", "other words", "last words"]
            )
        await each.page.keyboard.press("Escape")
        await expect(each.button("edited")).to_be_focused()
    await bob.page.get_by_role("button", name="Message actions").first.focus()
    await bob.page.keyboard.press("Enter")
    await expect(bob.page.get_by_role("menuitem")).to_have_text(["React", "Reply", "Copy text", "Copy link"])


async def test_a_deletion_can_be_undone_and_then_leaves_nothing(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await ann.say("kept", "a secret", "and a plea")
    await bob.choose("a secret", "Reply")
    await bob.say("about that")
    await expect(ann.button("Go to the message from Ann: a secret")).to_be_visible()
    await bob.log.evaluate(LISTEN)
    await post(ann, bob, "events", kind="edit", body={"target": 2, "text": "a secret, edited"})
    await expect(bob.button("Go to the message from Ann: a secret, edited")).to_be_visible()
    assert await bob.page.evaluate("heard") == ["a secret, edited"]
    await ann.choose("a secret", "Delete")
    question = ann.page.get_by_role("dialog", name="Delete this message?")
    await no_violations(ann.page)
    await question.get_by_role("button", name="Keep").click()
    await ann.choose("a secret", "Delete")
    await question.get_by_role("button", name="Delete").click()
    await expect(ann.message("Deleted · Undo")).to_be_visible()
    await expect(ann.button("Undo")).to_be_focused()
    await no_violations(ann.page)
    await ann.page.keyboard.press("Enter")
    await ann.sees("kept", "a secret, edited", "and a plea", "about that")
    await bob.sees("kept", "a secret, edited", "and a plea", "about that")
    # Bob looks at it in every way there is while it goes.
    await bob.choose("a secret", "Reply")
    await expect(bob.page.locator("#composer-excerpt")).to_have_text("a secret, edited")
    await bob.message("a secret, edited").get_by_role("button", name="edited").click()
    await expect(bob.page.locator(".past-text")).to_have_count(2)
    await ann.choose("a secret", "Delete")
    await question.get_by_role("button", name="Delete").click()
    await ann.sees("kept", "Message deleted", "and a plea", "about that")
    await bob.sees("kept", "Ann deleted this message", "and a plea", "about that")
    await expect(ann.log).to_be_focused()  # the button with the focus is gone
    await expect(bob.page.get_by_role("dialog")).to_be_hidden()
    await expect(bob.page.locator("#composer-excerpt")).to_have_text("Message deleted")
    for each in pair:
        await expect(each.button("Go to the message from Ann: Message deleted")).to_be_visible()
        assert await each.page.evaluate(HOLDS, "a secret") == []
        await no_violations(each.page)
    assert await ann.message("Message deleted").first.get_by_role("button").count() == 0
    # The inbox, and a page that comes later.
    await bob.choose("about that", "Delete")
    await bob.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(ann.row(bob)).to_contain_text("Message deleted")
    await bob.open(ann)
    await bob.sees("kept", "Ann deleted this message", "and a plea", "Message deleted")


async def test_who_leaves_the_page_has_still_deleted_it(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    await ann.say("a secret", "another")
    await bob.sees("a secret", "another")
    await ann.page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {get: () => window.seen ?? 'visible'})"
    )
    confirm = ann.page.get_by_role("dialog").get_by_role("button", name="Delete")
    await ann.choose("a secret", "Delete")
    await confirm.click()
    await expect(ann.button("Undo")).to_be_visible()
    # Into the background, where the page may be put an end to at any time.
    await ann.page.evaluate("window.seen = 'hidden', document.dispatchEvent(new Event('visibilitychange'))")
    await ann.sees("Message deleted", "another")
    await ann.page.evaluate("window.seen = 'visible', document.dispatchEvent(new Event('visibilitychange'))")
    await ann.choose("another", "Delete")
    await confirm.click()
    await expect(ann.button("Undo")).to_be_visible()
    await ann.page.goto(f"{ann.url}/settings")
    await ann.open(bob)
    await bob.sees(None, None)


async def test_reactions_are_given_taken_back_and_named(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await ann.say("one", "two")
    await bob.sees("one", "two")
    await ann.log.evaluate(LISTEN)
    await bob.message("one").locator(".bubble").dblclick()
    for each in pair:
        await expect(each.button("❤️, Bob")).to_have_attribute("aria-pressed", str(each is bob).lower())
    await expect(ann.page.locator("#message-news")).to_have_text("Bob reacted with ❤️ to “one”")
    assert await ann.page.evaluate("heard") == []
    await ann.button("❤️, Bob").click()
    both = bob.button("❤️, Ann, Bob")
    await expect(both).to_have_text(re.compile("2"))
    names = both.locator(".chip-names")
    await bob.page.mouse.move(0, 0)
    await expect(names).to_be_hidden()
    await both.hover()
    await expect(names).to_be_visible()
    await no_violations(bob.page)
    await both.click()
    await expect(ann.button("❤️, Ann")).to_have_attribute("aria-pressed", "true")
    await bob.choose("two", "React")
    dialog = bob.page.get_by_role("dialog", name="React")
    await expect(dialog.get_by_role("group", name="Recent").get_by_role("button")).to_have_count(6)
    await expect(dialog.get_by_role("button", name="grinning face", exact=False).first).to_be_visible()
    await no_violations(bob.page)
    search = bob.page.get_by_label("Search emoji")
    await expect(search).to_be_focused()
    await search.fill("nothing like this")
    await expect(dialog.get_by_text("No emoji for")).to_be_visible()
    await search.fill("heart")  # of many, one of those used lately
    await expect(dialog.get_by_role("group", name="Emoji").get_by_role("button").first).to_have_text("❤️")
    await search.fill("party pop")
    await search.press("Enter")
    await expect(dialog).to_be_hidden()
    await expect(ann.button("🎉, Bob")).to_be_visible()
    await bob.choose("two", "React")  # another one takes its place, and this one is among the recent
    await expect(dialog.get_by_role("group", name="Recent").get_by_role("button").first).to_have_text("🎉")
    await bob.page.get_by_label("Skin tone").select_option("🏽")
    await dialog.get_by_role("button", name="👍🏽 thumbs up").click()
    await expect(ann.message("two").get_by_role("button", name="👍🏽, Bob")).to_be_visible()
    await expect(ann.button("🎉, Bob")).to_have_count(0)


async def test_a_quote_leads_to_its_message_however_far_back_and_back_again(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    for number in range(2 * PAGE + 10):
        await bob.post("messages", text=f"number {number}")
    await bob.post("messages", text="as I said", reply_to=3)
    await ann.open(bob)
    quote = ann.button("Go to the message from Bob: number 2")
    await quote.click()
    await expect(ann.message("number 2").first).to_be_in_viewport()
    await expect(ann.message("number 2").first).to_have_class(re.compile("found"))
    await ann.page.keyboard.press("Enter")
    await expect(ann.page.get_by_role("menuitem", name="React")).to_be_focused()
    await ann.page.keyboard.press("Escape")
    await ann.button("Back").click()
    await expect(quote).to_be_in_viewport()
    await expect(quote).to_be_focused()
    await expect(ann.button("Back")).to_be_hidden()
    await ann.choose("number 109", "Reply")
    await expect(ann.page.locator("#composer-bar")).to_contain_text("Replying to Bob")
    await ann.row(bob).click()  # still there when one comes back
    await expect(ann.page.locator("#composer-bar")).to_contain_text("number 109")
    await expect(ann.box).to_be_focused()
    await ann.page.keyboard.press("Escape")
    await expect(ann.page.locator("#composer-bar")).to_be_hidden()
    await ann.choose("number 109", "Reply")
    await ann.say("I hear you")
    await expect(ann.message("I hear you").get_by_role("button", name="number 109")).to_be_visible()
    await no_violations(ann.page)


async def test_what_comes_while_a_button_is_pressed_does_not_move_it_away(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    await bob.say(*(f"number {number}" for number in range(30)))
    await bob.post("events", kind="reaction", body={"target": 30, "emoji": "👍"})
    chip = ann.message("number 29").get_by_role("button", name="👍")
    await chip.hover()
    await ann.page.mouse.down()
    await bob.say("meanwhile")
    await expect(ann.row(bob)).to_contain_text("meanwhile")
    await ann.page.mouse.up()
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await expect(ann.message("meanwhile")).to_be_in_viewport(ratio=1)


async def test_the_log_holds_its_place_and_nothing_moves_for_a_button(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    for number in range(40):
        await bob.post("messages", text=f"number {number}")
    await ann.open(bob)
    await ann.log.evaluate("(log) => log.scrollBy(0, -600)")
    seen = ann.message("number 20")
    await seen.hover()
    await expect(ann.page.locator("#jump")).to_be_visible()
    tops = [await top_of(ann.message(f"number {number}")) for number in (20, 21)]
    await seen.get_by_role("button", name="Message actions").click()
    await expect(ann.page.get_by_role("menu")).to_be_visible()
    await bob.post("events", kind="reaction", body={"target": 2, "emoji": "👍"})
    await bob.post("events", kind="edit", body={"target": 3, "text": "far above\n" * 9})
    await bob.post("messages", text="an answer", reply_to=30)
    await expect(ann.messages).to_have_count(41)
    now = [await top_of(ann.message(f"number {number}")) for number in (20, 21)]
    assert now == pytest.approx(tops, abs=1)
    await expect(ann.page.get_by_role("menu")).to_be_visible()


async def test_an_edit_that_is_refused_keeps_its_text_until_somebody_decides(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    await ann.say("number 0")
    await bob.sees("number 0")
    for number in range(1, 51):
        await post(ann, bob, "events", kind="edit", body={"target": 1, "text": f"number {number}"})
    await ann.sees("number 50")
    await ann.choose("number 50", "Edit")
    await ann.box.fill("one too many")
    await ann.box.press("Enter")
    state = ann.messages.locator(".state.failed")
    await expect(state).to_contain_text("Edit not saved · Retry · Discard")
    await no_violations(ann.page)
    await ann.button("Retry").click()
    await expect(state).to_contain_text("Edit not saved")
    await ann.choose("number 50", "Edit")
    await expect(ann.box).to_have_value("one too many")
    await ann.page.keyboard.press("Escape")
    await ann.button("Discard").click()
    await expect(state).to_be_hidden()
    await ann.sees("number 50")


async def test_who_edits_what_another_device_deletes_is_told(
    chatter: MakeChatter, alone: tuple[Chatter, Correspondent]
) -> None:
    ann, bob = alone
    await ann.say("a first", "a second")
    await bob.sees("a first", "a second")
    await ann.box.fill("a draft")
    await ann.choose("a second", "Edit")
    await ann.box.fill("a second, mended")
    await post(ann, bob, "events", kind="delete", body={"target": 2})
    await expect(ann.page.get_by_text("The message that you were editing is deleted.")).to_be_visible()
    await expect(ann.page.locator("#composer-bar")).to_be_hidden()
    await expect(ann.box).to_have_value("a draft")
    await ann.box.fill("")
    other = await chatter("Other")
    await other.log_in_as(ann)
    await ann.context.set_offline(True)
    await expect(ann.page.get_by_text("Connection lost.")).to_be_visible()
    await ann.choose("a first", "Edit")
    await ann.box.fill("a first, mended")
    await ann.box.press("Enter")
    await post(other, bob, "events", kind="delete", body={"target": 1})
    await ann.context.set_offline(False)
    state = ann.messages.locator(".state.failed")
    await expect(state).to_contain_text("Edit not saved · Keep as draft · Discard")  # no try can go well
    await ann.button("Keep as draft").click()
    await expect(state).to_be_hidden()
    await expect(ann.box).to_have_value("a first, mended")


async def test_what_is_open_about_a_message_goes_when_it_is_deleted(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    await bob.say("one", "two", "three")
    await ann.say("four")
    await bob.sees("one", "two", "three", "four")
    for number in (1, 2, 3):
        await bob.post("events", kind="edit", body={"target": number, "text": f"edited {number}"})
    await expect(ann.button("edited")).to_have_count(3)
    dialog, menu = ann.page.get_by_role("dialog"), ann.page.get_by_role("menu")
    note = ann.page.locator("#note")
    await ann.choose("edited 1", "React")
    await expect(dialog).to_be_visible()
    await bob.post("events", kind="delete", body={"target": 1})
    await expect(dialog).to_be_hidden()
    await expect(note).to_have_text("That message is deleted.")
    await expect(ann.log).to_be_focused()
    await ann.message("edited 2").get_by_role("button", name="edited").click()
    await expect(dialog).to_be_visible()
    await bob.post("events", kind="delete", body={"target": 2})
    await expect(dialog).to_be_hidden()
    await expect(ann.log).to_be_focused()
    await ann.message("edited 3").hover()
    await ann.message("edited 3").get_by_role("button", name="Message actions").click()
    await expect(menu).to_be_visible()
    await bob.post("events", kind="delete", body={"target": 3})
    await expect(menu).to_be_hidden()
    await expect(ann.log).to_be_focused()
    await ann.choose("four", "Delete")
    await post(ann, bob, "events", kind="delete", body={"target": 4})
    await expect(dialog).to_be_hidden()
    await expect(ann.log).to_be_focused()


async def test_a_deletion_that_is_refused_says_so(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    await ann.say("it stays")
    await bob.sees("it stays")
    tap = await Wiretap.after_reload(ann.page)
    await ann.loaded()
    tap.reject_sends, tap.problem = 1, {"title": "Not now"}
    await ann.choose("it stays", "Delete")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    state = ann.messages.locator(".state.failed")
    await expect(state).to_contain_text("Not deleted · Retry · Discard")
    await ann.choose("it stays", "Edit")
    await expect(ann.box).to_have_value("it stays")
    await ann.page.keyboard.press("Escape")
    await ann.button("Retry").click()
    await bob.sees(None)


async def test_changes_made_offline_show_at_once_and_come_through_later(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    await ann.say("one", "two", "three")
    await bob.sees("one", "two", "three")
    await ann.context.set_offline(True)
    await expect(ann.page.get_by_text("Connection lost.")).to_be_visible()
    await ann.choose("one", "Edit")
    await ann.box.fill("one, mended")
    await ann.box.press("Enter")
    await ann.message("two").locator(".bubble").dblclick()
    await ann.sees("one, mended", "two", "three")
    await expect(ann.button("❤️, Ann")).to_be_visible()
    await expect(ann.message("one, mended").locator(".state")).to_contain_text(
        "this will be saved when you are back"
    )
    await ann.say("not yet sent", "nor this")
    await ann.choose("not yet sent", "Edit")
    await ann.box.fill("better")
    await ann.box.press("Enter")
    await ann.choose("nor this", "Delete")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await ann.button("Undo").click()
    await ann.box.press("ArrowUp")
    await expect(ann.box).to_have_value("nor this")
    await ann.page.keyboard.press("Escape")
    await ann.choose("nor this", "Delete")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await ann.choose("three", "Delete")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await ann.sees("one, mended", "two", "Message deleted", "better")
    await expect(ann.message("Message deleted")).to_contain_text("this will be deleted when you are back")
    await ann.context.set_offline(False)
    await bob.sees("one, mended", "two", "Ann deleted this message", "better")
    await expect(bob.button("❤️, Ann")).to_be_visible()
