"""Peer using the chat, who finds everything by its accessible name, as people do."""

import time
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect

from shared.testing.people import PASSWORD
from tests.correspondent import Peer


class Chatter:
    """A person with one browser context; `page` is their first tab. Has an account, and is logged in."""

    def __init__(self, url: str, page: Page, username: str, display_name: str) -> None:
        self.url = url
        self.page = page
        self.username = username
        self.display_name = display_name
        self.log = page.get_by_role("log", name="Messages")
        self.box = page.get_by_role("textbox", name="Message")
        self.messages = self.log.locator("li.message")
        self.bubbles = self.log.locator(".bubble")
        self.inbox = page.get_by_role("navigation", name="Chats")

    async def another_tab(self) -> "Chatter":
        """The same person in the same browser."""
        return Chatter(self.url, await self.context.new_page(), self.username, self.display_name)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def sign_up(self) -> None:
        """Makes the account without the page; the cookie is the browser's."""
        account = {"username": self.username, "password": PASSWORD, "display_name": self.display_name}
        answer = await self.context.request.post(f"{self.url}/api/accounts", data=account)
        assert answer.status == 201, await answer.text()

    async def log_in_as(self, other: Peer) -> None:
        """From now on this browser is another device of `other`."""
        login = {"username": other.username, "password": PASSWORD}
        answer = await self.context.request.post(f"{self.url}/api/session", data=login)
        assert answer.status == 200, await answer.text()

    async def open(self, peer: Peer | None = None) -> None:
        """The inbox, or the thread with `peer`, by its address; connected."""
        await self.page.goto(f"{self.url}/messages" + (f"/{peer.username}" if peer else ""))
        await expect(self.page.locator("#new-chat")).to_be_enabled()  # out of sight in a thread on a phone
        if peer:
            await self.loaded()

    async def loaded(self) -> None:
        """Waits until the open thread shows its history."""
        await expect(self.log).not_to_have_attribute("aria-busy", "true")
        await expect(self.log).not_to_contain_text("Loading messages")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def row(self, peer: Peer) -> Locator:
        """The peer's row in the inbox."""
        return self.inbox.get_by_role("link", name=peer.display_name)

    def message(self, text: str) -> Locator:
        """By what its bubble says, not what it quotes."""
        return self.messages.filter(has=self.page.locator(".bubble", has_text=text))

    async def choose(self, text: str, action: str) -> None:
        """From the menu of the message."""
        message = self.message(text)
        await message.hover()
        await message.get_by_role("button", name="Message actions").click()
        await self.page.get_by_role("menuitem", name=action, exact=True).click()

    async def press_long(self, x: float, y: float) -> None:
        """A finger stays there until a menu opens, and is lifted."""
        finger = await self.context.new_cdp_session(self.page)
        touch = {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
        await finger.send("Input.dispatchTouchEvent", touch)
        await expect(self.page.get_by_role("menu")).to_be_visible()
        await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    async def tap(self, target: Locator, *ago_s: float) -> None:
        """So many seconds ago each, whenever the page hears of it: a touch says itself when it was.

        A page takes what was before it began for its beginning, so it is waited for until it is as old.
        """
        await self.page.wait_for_function("age => performance.now() > age", arg=max(ago_s) * 1000)
        box = await target.bounding_box()
        assert box is not None
        point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        finger = await self.context.new_cdp_session(self.page)
        now = time.time()
        for ago in ago_s:
            for kind, points in (("touchStart", [point]), ("touchEnd", [])):
                touch = {"type": kind, "touchPoints": points, "timestamp": now - ago}
                await finger.send("Input.dispatchTouchEvent", touch)

    async def start_chat(self, peer: Peer) -> None:
        await self.button("New chat").click()
        await self.page.get_by_label("Search people").fill(peer.username)
        await self.page.get_by_role("option", name=peer.display_name).filter(has_text=peer.username).click()
        await self.page.wait_for_url(f"**/messages/{peer.username}")
        await self.loaded()

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.box.fill(text)
            await self.box.press("Enter")

    async def sees(self, *texts: str) -> None:
        """Waits until the log holds exactly these texts, in this order."""
        await expect(self.bubbles).to_have_text(list(texts))

    async def stored_with(self, peer: Peer, limit: int = 200) -> list[str]:
        """The texts of the thread in the log itself."""
        answer = await self.context.request.get(
            f"{self.url}/api/threads/{peer.username}/messages?limit={limit}"
        )
        found: dict[str, Any] = await answer.json()
        return [message["text"] for message in found["messages"]]
