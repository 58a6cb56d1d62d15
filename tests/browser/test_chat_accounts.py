"""Signing up, logging in and out, settings: as a person does them."""

import re

from playwright.async_api import Page, expect

from shared.testing.people import PASSWORD, fresh_name
from shared.testing.product import Product
from shared.wire.ids import uuid7
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent

KEPT = """async () => {
    const database = await new Promise((resolve) => {
        indexedDB.open("duet").onsuccess = ({ target }) => resolve(target.result);
    });
    const count = database.transaction("outbox").objectStore("outbox").count();
    const rows = await new Promise((resolve) => (count.onsuccess = () => resolve(count.result)));
    return [rows, Object.keys(localStorage).filter((key) => key.includes("draft"))];
}"""


async def test_a_stranger_signs_up_and_lands_in_the_inbox(product: Product, page: Page) -> None:
    await page.goto(f"{product.url}/login")
    await page.get_by_role("link", name="Sign up").click()
    await page.get_by_label("Username").fill(fresh_name("ann"))
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("Display name").fill("Ann")
    await page.get_by_role("button", name="Sign up").click()
    await page.wait_for_url("**/messages")
    await expect(page.get_by_role("heading", name="Chats")).to_be_visible()
    await expect(page.get_by_text("No chats yet")).to_be_visible()


async def test_each_field_says_what_is_wrong_with_it(
    product: Product, page: Page, chatter: MakeChatter
) -> None:
    ann = await chatter("Ann")
    username, password = page.get_by_label("Username"), page.get_by_label("Password")
    submit = page.get_by_role("button", name="Sign up")
    await page.goto(f"{product.url}/signup")
    await username.fill("-a")
    await password.fill("short")
    await submit.click()
    await expect(username).to_be_focused()
    await expect(username).to_have_accessible_description(re.compile("starts with a letter"))
    await expect(password).to_have_accessible_description(re.compile("at least 10 characters", re.I))
    await username.fill(ann.username.upper())
    await password.fill(PASSWORD)
    await submit.click()
    await expect(username).to_have_accessible_description(re.compile(r"That name is taken\."))
    await expect(username).to_have_attribute("aria-invalid", "true")
    await username.fill(fresh_name("bob"))
    await password.fill("password123")
    await submit.click()
    await expect(password).to_have_attribute("aria-invalid", "true")
    await expect(password).to_be_focused()


async def test_a_wrong_password_and_an_unknown_name_read_the_same(
    product: Product, page: Page, chatter: MakeChatter
) -> None:
    ann = await chatter("Ann")
    await page.goto(f"{product.url}/login")
    for name in (ann.username, fresh_name("nobody")):
        await page.get_by_label("Username").fill(name)
        await page.get_by_label("Password").fill("not-the-password")
        await page.get_by_role("button", name="Log in").click()
        await expect(page.get_by_text("Wrong name or password.", exact=True)).to_be_visible()
        await page.get_by_label("Password").fill("")
        await expect(page.get_by_text("Wrong name or password.", exact=True)).to_be_hidden()


async def test_a_browser_that_keeps_no_cookies_is_told_before_anything_is_sent(
    product: Product, page: Page
) -> None:
    developer = await page.context.new_cdp_session(page)
    await developer.send("Emulation.setDocumentCookieDisabled", {"disabled": True})
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    for path, button in (("/signup", "Sign up"), ("/login", "Log in")):
        await page.goto(f"{product.url}{path}")
        notice = page.get_by_role("alert").filter(has_text="Allow cookies for this site")
        await expect(notice).to_be_visible()
        await page.get_by_label("Username").fill(fresh_name("ann"))
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name=button).click()
        await expect(notice).to_be_visible()
    assert set(sent) == {"GET"}


async def test_logging_in_leads_to_the_page_that_was_asked_for(
    product: Product, page: Page, chatter: MakeChatter
) -> None:
    ann, bob = await chatter("Ann"), await chatter("Bob")
    await page.goto(f"{product.url}/messages/{bob.username}")
    await page.get_by_label("Username").fill(ann.username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.wait_for_url(f"{product.url}/messages/{bob.username}")


async def test_logging_in_never_leads_to_another_site(
    product: Product, page: Page, chatter: MakeChatter
) -> None:
    ann = await chatter("Ann")
    for elsewhere in ("https://example.org/", "//example.org/", r"/\example.org/", "javascript:alert(1)"):
        await page.goto(f"{product.url}/login?next={elsewhere}")
        await page.get_by_label("Username").fill(ann.username)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Log in").click()
        await page.wait_for_url(f"{product.url}/messages")
        await page.context.clear_cookies()


async def test_the_password_can_be_shown(product: Product, page: Page) -> None:
    await page.goto(f"{product.url}/login")
    password = page.get_by_label("Password")
    await password.fill("look at me")
    await page.get_by_role("button", name="Show").click()
    await expect(password).to_have_attribute("type", "text")
    await page.get_by_role("button", name="Hide").click()
    await expect(password).to_have_attribute("type", "password")


async def test_another_device_is_seen_and_ended_from_the_settings(chatter: MakeChatter, page: Page) -> None:
    ann = await chatter("Ann")
    login = {"username": ann.username, "password": PASSWORD}
    assert (await page.context.request.post(f"{ann.url}/api/session", data=login)).ok
    await page.goto(f"{ann.url}/messages")
    await expect(page.get_by_role("heading", name="Chats")).to_be_visible()
    await ann.page.goto(f"{ann.url}/settings")
    devices = ann.page.get_by_role("list").get_by_role("listitem")
    await expect(devices).to_have_count(2)
    await expect(devices.first).to_contain_text("this device")
    await devices.last.get_by_role("button").click()
    await expect(devices).to_have_count(1)
    await page.wait_for_url("**/login?next=**")


async def test_a_device_that_could_not_be_ended_can_be_ended_again(chatter: MakeChatter, page: Page) -> None:
    ann = await chatter("Ann")
    login = {"username": ann.username, "password": PASSWORD}
    assert (await page.context.request.post(f"{ann.url}/api/session", data=login)).ok
    await ann.page.goto(f"{ann.url}/settings")
    devices = ann.page.get_by_role("list").get_by_role("listitem")
    await expect(devices).to_have_count(2)
    await ann.context.set_offline(True)
    end = devices.last.get_by_role("button")
    await end.click()
    await expect(ann.page.get_by_text("cannot be reached")).to_be_visible()
    await expect(end).to_be_enabled()
    await ann.context.set_offline(False)
    await end.click()
    await expect(devices).to_have_count(1)


async def test_an_open_chat_goes_on_when_the_password_is_changed_in_another_tab(
    alone: tuple[Chatter, Correspondent],
) -> None:
    """Its session has ended, but the browser has a new one."""
    ann, bob = alone
    await ann.open(bob)
    settings = (await ann.another_tab()).page
    await settings.goto(f"{ann.url}/settings")
    await settings.get_by_label("Current password").fill(PASSWORD)
    await settings.get_by_label("New password").fill("a new and better one")
    async with ann.page.expect_websocket():
        await settings.get_by_role("button", name="Change password").click()
    await ann.say("still here")
    await bob.sees("still here")
    assert ann.page.url.endswith(f"/messages/{bob.username}")


async def test_the_password_is_changed_in_the_settings(chatter: MakeChatter) -> None:
    ann = await chatter("Ann")
    await ann.page.goto(f"{ann.url}/settings")
    current, new = ann.page.get_by_label("Current password"), ann.page.get_by_label("New password")
    await current.fill("not it at all")
    await new.fill("a new and better one")
    await ann.button("Change password").click()
    await expect(current).to_have_accessible_description(re.compile("not your current password"))
    await current.fill(PASSWORD)
    await ann.button("Change password").click()
    await expect(ann.page.get_by_text("Your password is changed.")).to_be_visible()
    login = {"username": ann.username, "password": "a new and better one"}
    assert (await ann.context.request.post(f"{ann.url}/api/session", data=login)).ok


async def test_logging_out_warns_of_what_is_unsent_and_leaves_nothing_behind(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann"), await chatter("Bob")
    message = {"text": "from Bob", "client_id": str(uuid7())}
    sent = await bob.context.request.post(f"{bob.url}/api/threads/{ann.username}/messages", data=message)
    assert sent.status == 201
    await ann.page.route_web_socket(re.compile("/messages"), lambda _: None)
    await ann.open(bob)
    await ann.say("neither this", "never sent")
    await ann.message("from Bob").locator(".bubble").dblclick()
    await expect(ann.button("❤️, Ann")).to_be_visible()
    await ann.box.fill("only a draft")
    await expect(ann.message("never sent")).to_contain_text("You are offline")
    await ann.button("Log out").click()
    dialog = ann.page.get_by_role("dialog", name="Not everything is sent")
    await expect(dialog).to_contain_text("2 messages and 1 change are not sent yet. Logging out loses them.")
    await dialog.get_by_role("button", name="Stay").click()
    await expect(ann.button("Log out")).to_be_focused()
    await ann.button("Log out").click()
    await dialog.get_by_role("button", name="Discard").click()
    await ann.page.wait_for_url("**/login")
    assert await ann.page.evaluate(KEPT) == [0, []]
    assert (await ann.context.request.get(f"{ann.url}/api/session")).status == 401
    assert await bob.stored_with(ann) == ["from Bob"]


async def test_logging_out_warns_of_what_only_the_page_holds(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await ann.page.route_web_socket(re.compile("/messages"), lambda _: None)
    await ann.page.add_init_script(
        "IDBFactory.prototype.open = Storage.prototype.setItem = () => { throw new DOMException('', 'SecurityError') }"
    )
    await ann.open(bob)
    await ann.say("stored nowhere")
    await ann.button("Log out").click()
    dialog = ann.page.get_by_role("dialog", name="Not everything is sent")
    await expect(dialog).to_contain_text("1 message is not sent yet")


async def test_what_was_sent_is_not_unsent_because_its_page_was_left_at_once(
    alone: tuple[Chatter, Correspondent],
) -> None:
    """The browser drops what it has not committed when a page is left, so the outbox's store has the message yet."""
    ann, _ = alone
    await ann.page.evaluate(
        "() => { IDBObjectStore.prototype.delete = function () { this.transaction.abort(); return {}; } }"
    )
    await ann.say("one")
    await expect(ann.message("one").locator(".state")).to_have_text("Sent")
    await ann.page.goto(f"{ann.url}/settings")
    await ann.button("Log out").click()
    await ann.page.wait_for_url("**/login")


async def test_pages_of_another_account_give_way_to_who_logs_in(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    """Theirs would load as the one and speak on the socket of the other."""
    ann = await chatter("Ann")
    bob, carol = await correspondent("Bob", ann), await correspondent("Carol", ann)
    login = (await ann.another_tab()).page
    await ann.context.clear_cookies()
    await login.goto(f"{ann.url}/login")
    await ann.log_in_as(ann)
    await ann.open(bob)
    await ann.box.fill("only of Ann's")
    settings = (await ann.another_tab()).page
    await settings.goto(f"{ann.url}/settings")
    await login.get_by_label("Username").fill(carol.username)
    await login.get_by_label("Password").fill(PASSWORD)
    await login.get_by_role("button", name="Log in").click()
    for page in (login, ann.page):
        await page.wait_for_url(f"{ann.url}/messages")
        await expect(page.locator("body")).to_have_attribute("data-me", carol.username)
    await expect(settings.get_by_text(f"@{carol.username}")).to_be_visible()
    await ann.open(bob)
    await expect(ann.box).to_have_value("")


async def test_a_log_out_that_fails_throws_nothing_away(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await ann.open(bob)
    await ann.context.set_offline(True)
    await ann.say("sent in the end")
    await ann.button("Log out").click()
    await ann.page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    await expect(ann.inbox.get_by_role("alert")).to_contain_text("cannot be reached")
    await ann.context.set_offline(False)
    await expect(ann.message("sent in the end").locator(".state")).to_have_text("Sent")
    await bob.sees("sent in the end")
    await ann.page.evaluate(
        "() => { const { timeout } = AbortSignal; AbortSignal.timeout = () => timeout.call(AbortSignal, 100); }"
    )
    await ann.page.route("**/api/session", lambda _: None)  # never answered
    await ann.button("Log out").click()
    await expect(ann.inbox.get_by_role("alert")).to_contain_text("cannot be reached")
