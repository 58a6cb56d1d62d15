"""Inviting somebody, and being invited: from the link to the first message."""

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, expect

from shared.testing.people import PASSWORD, fresh_name
from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def link_of(inviter: Chatter, game: dict[str, Any] | None = None) -> str:
    """A link, made without the page."""
    answer = await inviter.context.request.post(
        f"{inviter.url}/api/invites", data={"game": game} if game else {}
    )
    url: str = (await answer.json())["url"]
    return url


async def sign_up_at(page: Page, link: str, username: str) -> None:
    """Opens the link and signs up there."""
    await page.goto(link)
    await expect(page.get_by_label("Username")).to_be_focused()
    await page.get_by_label("Username").fill(username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign up").click()


async def count_taps(context: BrowserContext) -> list[str]:
    """What is tapped or clicked in a browser from now on, by a finger, not by scripts."""
    taps: list[str] = []
    await context.expose_function("tapped", lambda what: taps.append(what))  # a builtin is not taken
    await context.add_init_script(
        "document.addEventListener('click', (event) => event.isTrusted && tapped(event.target.textContent), true)"
    )
    return taps


async def test_from_invite_to_the_second_person_s_first_message_in_four_taps(chatter: MakeChatter) -> None:
    ann = await chatter("Ann", **PHONE)
    await ann.context.grant_permissions(["clipboard-read", "clipboard-write"])
    guest = await ann.context.browser.new_context(**PHONE)  # type: ignore[union-attr]
    taps = [await count_taps(ann.context), await count_taps(guest)]
    await ann.open()
    await ann.page.locator("#inbox-empty").get_by_role("button", name="Invite").tap()
    await expect(ann.page.get_by_role("img", name="QR code of the link")).to_be_visible()
    await expect(ann.page.get_by_role("textbox", name="Link")).to_have_value(re.compile("/i/"))
    await no_violations(ann.page)
    await ann.button("Copy link").tap()
    await expect(ann.page.get_by_text("Copied.")).to_be_visible()
    page = await guest.new_page()
    await page.goto(await ann.page.evaluate("navigator.clipboard.readText()"))
    await expect(page.get_by_label("Username")).to_be_focused()
    name = fresh_name("guest")
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")  # "next" on a touch keyboard
    await page.keyboard.type(PASSWORD)
    await page.get_by_role("button", name="Sign up").tap()
    await page.wait_for_url(f"**/messages/{ann.username}")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await expect(ann.page.get_by_text(f"{name} accepted your invitation.")).to_be_visible()
    await page.keyboard.type("Hello, Ann")
    await page.get_by_role("button", name="Send").tap()
    await ann.page.keyboard.press("Escape")
    await expect(ann.inbox.get_by_role("link", name=name)).to_contain_text("Hello, Ann")
    assert sum(map(len, taps)) == 4, taps
    await guest.close()


async def test_open_invitations_are_listed_and_taken_back(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann", color_scheme="dark"), await chatter("Bob")
    await ann.open()
    await ann.button("New chat").click()
    dialog = ann.page.get_by_role("dialog", name="Invite", exact=True)
    await ann.page.get_by_role("dialog", name="New chat").get_by_role("button", name="Invite").click()
    link = dialog.get_by_role("textbox", name="Link")
    await expect(link).to_have_value(re.compile("/i/"))
    chat = await link.input_value()
    await dialog.get_by_label("To", exact=True).select_option("Ultimate: nine boards in one")
    await expect(link).not_to_have_value(chat)
    await expect(dialog.get_by_role("listitem")).to_have_text(
        [re.compile("Ultimate, .*shown"), re.compile("A chat, ")]
    )
    await dialog.get_by_label("To", exact=True).select_option("A chat")
    await expect(link).to_have_value(chat)  # nobody has used it: it need not be a new one
    await no_violations(ann.page)
    await dialog.get_by_role("button", name="Take back: Ultimate").click()
    await ann.button("Keep it").click()
    await expect(dialog.get_by_role("listitem")).to_have_count(2)
    await dialog.get_by_role("button", name="Take back: Ultimate").click()
    await no_violations(ann.page)
    await ann.page.get_by_role("dialog", name="Take back").get_by_role("button", name="Take back").click()
    await expect(dialog.get_by_role("listitem")).to_have_text([re.compile("A chat, .*shown")])
    await bob.page.goto(chat)
    await bob.button("Accept").click()
    await expect(ann.row(bob)).to_contain_text("No messages yet")
    await expect(link).not_to_have_value(chat)  # that one is used
    await expect(dialog.get_by_role("listitem")).to_have_count(1)


async def test_who_is_invited_to_a_game_signs_up_and_finds_its_offer_and_the_link_is_gone(
    chatter: MakeChatter,
) -> None:
    ann = await chatter("Ann")
    guest = await ann.context.browser.new_context(**PHONE)  # type: ignore[union-attr]
    page = await guest.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.headers.get("referer", "")))
    link = await link_of(ann, {"spec": {"variant": "ultimate"}})
    await page.goto(f"{ann.url}/tictactoe")
    await page.goto(link)
    await expect(page.get_by_role("heading", name="Ann invites you to a game of ultimate")).to_be_visible()
    await expect(page.get_by_role("img", name="An empty board, 9 by 9")).to_be_visible()
    await no_violations(page)
    asked.clear()
    await sign_up_at(page, link, fresh_name("guest"))
    await page.wait_for_url(f"**/messages/{ann.username}")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await expect(page.get_by_role("button", name="Accept")).to_be_visible()
    token = urlsplit(link).path.rpartition("/")[2]
    assert [referer for referer in asked if token in referer] == []
    await page.go_back()
    await expect(page).to_have_url(f"{ann.url}/tictactoe")  # the address of the invitation is not kept
    await page.goto(link)
    await page.get_by_role("button", name="Open the chat").click()
    await page.wait_for_url(f"**/messages/{ann.username}")
    await guest.close()


async def test_who_has_an_account_logs_in_there_or_accepts_with_one_tap(chatter: MakeChatter) -> None:
    ann, bob, eve = await chatter("Ann"), await chatter("Bob"), await chatter("Eve", color_scheme="dark")
    link = await link_of(ann)
    await bob.context.clear_cookies()
    await bob.page.goto(link)
    await expect(bob.page.get_by_text("Pick a name and a password")).to_be_visible()
    await bob.button("Log in").click()
    await expect(bob.page.get_by_text("Pick a name and a password")).to_be_hidden()
    await bob.page.get_by_label("Username").fill(bob.username)
    await bob.page.get_by_label("Password").fill("a wrong password")
    await bob.button("Log in").click()
    await expect(bob.page.get_by_text("Wrong name or password.")).to_be_visible()
    await bob.page.get_by_label("Password").fill(PASSWORD)
    await bob.button("Log in").click()
    await bob.page.wait_for_url(f"**/messages/{ann.username}")
    await eve.page.goto(await link_of(ann))
    await expect(eve.page.get_by_text("You are logged in as Eve.")).to_be_visible()
    await no_violations(eve.page)
    await eve.button("Accept").click()
    await eve.page.wait_for_url(f"**/messages/{ann.username}")


async def test_who_comes_too_late_is_told_so_also_while_the_page_is_open(chatter: MakeChatter) -> None:
    ann, bob, eve = await chatter("Ann"), await chatter("Bob"), await chatter("Eve", color_scheme="dark")
    link = await link_of(ann)
    await eve.page.goto(link)
    await bob.page.goto(link)
    await bob.button("Accept").click()
    await bob.page.wait_for_url(f"**/messages/{ann.username}")
    await eve.button("Accept").click()
    await expect(eve.page.get_by_role("heading", name="This invitation has been used")).to_be_visible()
    await no_violations(eve.page)
    await ann.page.goto(link)
    await expect(ann.page.get_by_role("heading", name="This is your own invitation")).to_be_visible()
    await ann.page.get_by_role("link", name="Go to your messages").click()
    await expect(ann.row(bob)).to_be_visible()
