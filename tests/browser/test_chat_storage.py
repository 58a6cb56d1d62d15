"""Storage that is full, forbidden or missing costs convenience only; Duet still works."""

import pytest
from playwright.async_api import Page, expect

from shared.testing.people import PASSWORD, fresh_name
from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.table import Table
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent

_FILL = """name => {
  const kept = window[name];
  kept.clear();
  for (let size = 1 << 20; size; size >>= 1) {
    try {
      for (let at = 0; ; at += 1) kept.setItem(`filled ${size} ${at}`, "x".repeat(size));
    } catch {
      // the next size fits where this one does not
    }
  }
}"""

_FORBIDDEN = """
const forbid = () => { throw new DOMException("Access is denied for this document.", "SecurityError"); };
"""
WITHOUT = {
    "storage that throws when it is looked at": """
        for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
          Object.defineProperty(window, name, { get: forbid });
        }""",
    "storage that is not there": """
        for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
          Object.defineProperty(window, name, { value: null });
        }""",
    "storage that throws when it is used": """
        for (const name of ["getItem", "setItem", "removeItem", "key"]) Storage.prototype[name] = forbid;
        Object.defineProperty(Storage.prototype, "length", { get: forbid });
        IDBFactory.prototype.open = forbid;""",
    "a database that cannot be read or written": """
        IDBDatabase.prototype.transaction = forbid;""",
    "a database that never opens": """
        Object.defineProperty(IDBRequest.prototype, "onsuccess", { set() {} });""",
    "a database that opens and never answers": """
        const answered = Object.getOwnPropertyDescriptor(IDBRequest.prototype, "onsuccess").set;
        Object.defineProperty(IDBRequest.prototype, "onsuccess", {
          set(heard) { if (this instanceof IDBOpenDBRequest) answered.call(this, heard); }
        });
        Object.defineProperty(IDBTransaction.prototype, "oncomplete", { set() {} });""",
    "a worker's browser that never answers": """
        ServiceWorkerContainer.prototype.getRegistration = () => new Promise(() => {});""",
    "tabs that cannot talk": """
        window.BroadcastChannel = forbid;
        LockManager.prototype.request = async () => forbid();""",
    "tabs that cannot talk any more": """
        BroadcastChannel.prototype.postMessage = forbid;""",
}


async def test_messages_are_sent_when_the_storage_is_full(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    await ann.context.clear_cookies()
    await ann.page.goto(f"{ann.url}/login")
    await ann.page.evaluate(_FILL, "localStorage")
    await ann.page.get_by_label("Username").fill(ann.username)
    await ann.page.get_by_label("Password").fill(PASSWORD)
    await ann.button("Log in").click()
    await ann.page.wait_for_url("**/messages")
    await ann.open(bob)
    await ann.say("with a full disk")
    await bob.sees("with a full disk")


async def test_messages_are_sent_when_the_storage_fills_while_they_are_written(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    await ann.page.evaluate(_FILL, "localStorage")
    await ann.page.evaluate(_FILL, "sessionStorage")
    await ann.say("one")
    await ann.box.fill("two")
    await ann.button("Send").click()
    await bob.sees("one", "two")
    await expect(ann.message("two").locator(".state")).to_have_text("Sent")


async def test_a_draft_outlives_a_look_elsewhere_when_the_storage_is_full(
    alone: tuple[Chatter, Correspondent], correspondent: MakeCorrespondent
) -> None:
    ann, bob = alone
    carol = await correspondent("Carol", ann)
    await carol.say("hello")
    await ann.box.fill("half")
    await ann.page.evaluate(_FILL, "localStorage")
    other = await ann.another_tab()
    await other.open(carol)
    await ann.say("nothing is lost")
    await ann.box.fill("half a thought that has no room")
    await ann.row(carol).click()
    await expect(ann.box).to_have_value("")
    for tab in (ann, other):
        await tab.row(bob).click()
        await expect(tab.box).to_have_value("half a thought that has no room")


async def test_messages_are_sent_when_the_database_is_full(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    session = await ann.context.new_cdp_session(ann.page)
    await session.send("Storage.overrideQuotaForOrigin", {"origin": ann.url, "quotaSize": 1})
    await ann.open(bob)
    async with ann.page.expect_console_message(lambda said: "the outbox is not stored" in said.text):
        await ann.say("one", "two")
    await bob.sees("one", "two")
    await ann.page.reload()
    await ann.say("three")
    await bob.sees("one", "two", "three")


@pytest.mark.parametrize("without", WITHOUT)
async def test_duet_works_in_a_browser_with(
    without: str, product: Product, page: Page, correspondent: MakeCorrespondent
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.add_init_script("{" + _FORBIDDEN + WITHOUT[without] + "}")
    ann = Chatter(product.url, page, fresh_name("ann"), "Ann")
    bob = await correspondent("Bob", ann)
    await page.goto(f"{product.url}/signup")
    await page.get_by_label("Username").fill(ann.username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("Display name").fill("Ann")
    await ann.button("Sign up").click()
    await page.wait_for_url("**/messages")
    await ann.open(bob)
    await ann.say("one", "two")
    await ann.sees("one", "two")
    await expect(ann.message("two").locator(".state")).to_have_text("Sent")
    await bob.sees("one", "two")
    await page.goto(f"{product.url}/tictactoe")
    game = Table(page)
    await game.take(0)
    await game.shows("X...O....")
    await page.goto(f"{product.url}/settings")
    await ann.button("Log out").click()
    await page.wait_for_url("**/login")
    assert errors == []
