"""Duet without a network: a cold start from what the browser kept, and what becomes of that."""

import re

import pytest
from playwright.async_api import expect

from shared.testing.people import PASSWORD
from shared.wire.ids import uuid7
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.modules import PageModules
from tests.browser.stores import everything, until_kept, until_ready
from tests.conftest import MakeCorrespondent, MakePerson


async def write(sender: Chatter, reader: Chatter, *texts: str) -> None:
    for text in texts:
        answer = await sender.context.request.post(
            f"{sender.url}/api/threads/{reader.username}/messages",
            data={"text": text, "client_id": str(uuid7())},
        )
        assert answer.status == 201


async def cold_start(ann: Chatter, path: str) -> Chatter:
    """All pages are gone, and so is the network."""
    for page in ann.context.pages:
        await page.close()
    await ann.context.set_offline(True)
    again = Chatter(ann.url, await ann.context.new_page(), ann.username, ann.display_name)
    await again.page.goto(f"{ann.url}{path}")
    return again


async def test_a_cold_start_without_a_network_shows_what_was_there_and_sends_when_it_is_back(
    chatter: MakeChatter,
    correspondent: MakeCorrespondent,
) -> None:
    ann = await chatter("Ann", service_workers="allow")
    bob, cid = await correspondent("Bob", ann), await correspondent("Cid", ann)
    await bob.say("from Bob", "and more")
    await cid.say("from Cid, never opened")
    await ann.open(bob)
    await ann.say("from Ann")
    await until_ready(ann.page, "from Bob", "from Ann", "from Cid, never opened")

    ann = await cold_start(ann, f"/messages/{bob.username}")
    await ann.sees("from Bob", "and more", "from Ann")
    await expect(
        ann.page.get_by_text(re.compile(r"You are offline\. This is from \d\d:\d\d\."))
    ).to_be_visible()
    await expect(ann.page.get_by_role("heading", name="Bob", exact=True)).to_be_visible()
    await ann.say("written without a network")
    await expect(ann.message("written without a network")).to_contain_text("You are offline")
    await ann.row(cid).click()
    await ann.sees("from Cid, never opened")

    ann = await cold_start(ann, "/messages")
    await expect(ann.row(bob)).to_contain_text("You: written without a network")
    await bob.say("meanwhile")
    await ann.context.set_offline(False)
    await expect(ann.page.get_by_text("Back online")).to_be_visible()
    await ann.row(bob).click()
    await expect(ann.bubbles).to_have_count(5)
    assert sorted((await ann.stored_with(bob))[3:]) == ["meanwhile", "written without a network"]


async def test_the_last_200_messages_of_the_20_latest_threads_are_kept(
    chatter: MakeChatter, person: MakePerson
) -> None:
    ann, bob = await chatter("Ann", service_workers="allow"), await person("bob")
    await (await person("first")).send(ann.username, "too long ago")
    for number in range(19):
        await (await person("peer")).send(ann.username, f"<{number}>")
    for number in range(220):
        await bob.send(ann.username, f"[{number}]")
    await ann.open()
    await until_ready(ann.page, "[219]", *(f"<{number}>" for number in range(19)))
    await until_kept(ann.page, "duet-kept about", ann.username)
    kept = (await everything(ann.page))["duet-kept messages"]
    assert "[20]" in kept
    assert "[19]" not in kept
    assert "too long ago" not in kept


@pytest.mark.parametrize("end", ["log out", "another person"])
async def test_nothing_is_left_in_any_store_when_somebody_has_left(
    end: str, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", service_workers="allow")
    bob = await correspondent("Bob", ann)
    await bob.say("a secret")
    await ann.open(bob)
    await until_ready(ann.page, "a secret")
    await ann.box.fill("a draft")
    await until_kept(ann.page, "localStorage", "a draft")
    if end == "log out":
        await ann.button("Log out").click()
        await ann.page.wait_for_url("**/login")
    else:
        await ann.log_in_as(bob)
        # It leaves by itself, because its session has ended: a `goto` beside that may be aborted.
        await expect(ann.page.locator("body")).to_have_attribute("data-me", bob.username)
        await ann.open()
        await until_kept(ann.page, "duet-kept about", bob.username)
        left = await everything(ann.page)
        assert not [
            name
            for name, value in left.items()
            if "secret" in value or "draft" in value or ann.username in value
        ]
        return
    assert await everything(ann.page) == {}
    await log_in(ann)
    await until_ready(ann.page, "a secret")  # and then it begins anew


async def log_in(somebody: Chatter) -> None:
    """On the page that asks for it."""
    await somebody.page.get_by_label("Username").fill(somebody.username)
    await somebody.page.get_by_label("Password").fill(PASSWORD)
    await somebody.button("Log in").click()
    await somebody.page.wait_for_url(f"{somebody.url}/messages**")


async def test_a_session_that_ends_elsewhere_leaves_what_is_unsent_and_nothing_to_read(
    chatter: MakeChatter,
) -> None:
    ann, bob = await chatter("Ann", service_workers="allow"), await chatter("Bob")
    await write(bob, ann, "a secret")
    await ann.open(bob)
    await until_ready(ann.page, "a secret")
    await ann.context.set_offline(True)
    await ann.say("not sent yet")
    await ann.box.fill("a draft")
    await until_kept(ann.page, "duet outbox", "not sent yet")
    device = await chatter("Device")
    await device.log_in_as(ann)
    assert (await device.context.request.delete(f"{ann.url}/api/sessions")).status == 204
    await ann.context.set_offline(False)
    await ann.page.wait_for_url("**/login?next=**")
    left = await everything(ann.page)
    assert not [name for name, value in left.items() if "secret" in value]
    assert any("not sent yet" in value for value in left.values())
    await log_in(ann)
    await expect(ann.log).to_contain_text("not sent yet")
    await expect(ann.box).to_have_value("a draft")
    await bob.open(ann)
    await bob.sees("a secret", "not sent yet")


async def test_a_deleted_text_leaves_what_was_kept_at_once(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann", service_workers="allow"), await chatter("Bob")
    await ann.open(bob)
    await bob.open(ann)
    await bob.say("for the record", "a slip of the tongue")
    await until_kept(ann.page, "duet-kept messages", "a slip of the tongue")
    target = {"client_id": str(uuid7()), "kind": "delete", "body": {"target": 2}}
    deleted = await bob.context.request.post(f"{bob.url}/api/threads/{ann.username}/events", data=target)
    assert deleted.status == 201
    await expect(ann.log).to_contain_text("Bob deleted this message")
    await until_kept(ann.page, "duet-kept messages", "deleted_at")
    assert not [name for name, value in (await everything(ann.page)).items() if "slip" in value]


async def test_what_was_kept_of_another_log_goes_and_nobody_writes_to_what_is_not_theirs(
    page_modules: PageModules,
) -> None:
    body = """
      const message = { thread: "bob", seq: 1, text: "hello", version: 1 };
      const thread = { username: "bob", display_name: "Bob", head: 1, read: 0 };
      const of = (owner, log) => ({ owner, log });
      const news = { threads: [thread], messages: [message], changes: [] };
      const kept = async () => [(await m.threads()).length, (await m.messages("bob")).length];
      const seen = [];
      await m.begin(of("ann", "one"));
      seen.push(await m.replace(of("ann", "one"), thread, [message]), await kept());
      await m.begin(of("ann", "one"));
      seen.push(await kept());
      await m.begin(of("ann", "two"));
      seen.push(await kept(), await m.write(of("ann", "one"), news), await kept());
      await m.begin(of("bob", "two"));
      seen.push(await m.replace(of("ann", "two"), thread, [message]), await kept());
      return seen;
    """
    here, gone = [1, 1], [0, 0]
    assert await page_modules.run("models/kept_db", body) == [
        True,
        here,
        here,
        gone,
        False,
        gone,
        False,
        gone,
    ]
