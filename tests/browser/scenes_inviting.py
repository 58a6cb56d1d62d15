"""Inviting and being invited, state by state."""

import re
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import expect

from shared.testing.people import fresh_name
from tests.browser.chatter import Chatter


async def inviting(host: Chatter) -> AsyncIterator[str]:
    """Yields the name of each state while a page of `host`'s browser is in it: as somebody new, and as nobody."""
    page = host.page
    ann = Chatter(host.url, page, fresh_name("ann"), "Ann Lee")
    await ann.sign_up()
    await ann.open()
    await expect(page.get_by_text("No chats yet")).to_be_visible()
    yield "nothing but an invitation"
    await page.locator("#inbox-empty").get_by_role("button", name="Invite").click()
    await expect(page.get_by_role("textbox", name="Link")).to_have_value(re.compile("/i/"))
    yield "a link to send"
    await page.get_by_role("button", name="Take back: A chat").click()
    yield "take it back?"
    await ann.button("Keep it").click()
    await page.keyboard.press("Escape")
    chat, game = await _link(ann), await _link(ann, {"spec": {"variant": "ultimate"}, "x": "peer", "o": "me"})
    bob = Chatter(host.url, page, fresh_name("bob"), "Bob")
    await bob.sign_up()
    await page.goto(chat)
    yield "invited, logged in"
    await page.context.clear_cookies()
    await page.goto(host.url)
    yield "the start page"
    await page.goto(chat)
    yield "invited"
    await page.get_by_role("button", name="Log in").click()
    yield "invited, with an account"
    await page.goto(game)
    yield "invited to a game"
    await page.get_by_label("Username").fill("x")
    await page.get_by_role("button", name="Sign up").click()
    yield "invited, a field is wrong"
    await bob.log_in_as(ann)
    await page.goto(chat)
    yield "one's own"
    await bob.log_in_as(bob)
    await page.goto(game)
    await bob.button("Accept").click()
    await page.wait_for_url(f"**/messages/{ann.username}")
    await expect(bob.log.get_by_text("Ann Lee offers you a game.")).to_be_visible()
    yield "accepted, the offer"
    await page.context.clear_cookies()
    await page.goto(game)
    yield "used"
    await bob.log_in_as(ann)
    await _take_back_all(ann)
    await page.context.clear_cookies()
    await page.goto(chat)
    yield "taken back"
    await page.goto(f"{host.url}/i/nothing")
    yield "no invitation"
    await host.log_in_as(host)


async def _link(inviter: Chatter, game: dict[str, Any] | None = None) -> str:
    body = {"game": game} if game else {}
    answer = await inviter.context.request.post(f"{inviter.url}/api/invites", data=body)
    url: str = (await answer.json())["url"]
    return url


async def _take_back_all(inviter: Chatter) -> None:
    listed = await (await inviter.context.request.get(f"{inviter.url}/api/invites")).json()
    for each in listed["invites"]:
        await inviter.context.request.delete(f"{inviter.url}/api/invites/{each['id']}")
