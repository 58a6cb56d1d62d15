"""Inviting somebody, and being invited: from the link to the first message."""

from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page, expect

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
    await bob.button("Log in").click()
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
