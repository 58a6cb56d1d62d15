"""A person at the chat in any engine, by accessible names."""

from shared.testing.people import PASSWORD
from tests.correspondent import Peer
from tests.engines.tab import Tab

_SIGN_UP = """async (body) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/api/accounts", { method: "POST", headers, body: JSON.stringify(body) });
  return answer.status;
}"""
_TEXTS = "() => [...document.querySelectorAll('#messages .bubble')].map((bubble) => bubble.innerText.trim())"
_STORED = """async (peer) => {
  const answer = await fetch(`/api/threads/${peer}/messages?limit=200`);
  return (await answer.json()).messages.map(({ text }) => text);
}"""


class Somebody:
    """Has an account, and is logged in."""

    def __init__(self, url: str, tab: Tab, username: str, display_name: str) -> None:
        self.url = url
        self.tab = tab
        self.username = username
        self.display_name = display_name

    async def sign_up(self) -> None:
        """Without the form, from an address that loads nothing; the cookie is the browser's."""
        await self.tab.goto(f"{self.url}/robots.txt")
        body = {"username": self.username, "password": PASSWORD, "display_name": self.display_name}
        assert await self.tab.call(_SIGN_UP, body) == 201

    async def open(self, peer: Peer | None = None) -> None:
        """The inbox, or the thread with `peer`; connected."""
        await self.tab.goto(f"{self.url}/messages" + (f"/{peer.username}" if peer else ""))
        await self.tab.sees("button", "New chat")
        if peer:
            await self.tab.sees("textbox", "Message")

    async def say(self, *texts: str) -> None:
        """Types them, each with Enter."""
        await self.tab.click("textbox", "Message")
        for text in texts:
            await self.tab.keys(text, "Enter")

    async def sees(self, *texts: str) -> None:
        """Waits until the log holds exactly these texts, in this order."""
        await self.tab.until(f"(texts) => ({_TEXTS})().join('|') === texts.join('|')", texts)

    async def stored_with(self, peer: Peer) -> list[str]:
        """The texts of the thread in the log itself."""
        stored: list[str] = await self.tab.call(_STORED, peer.username)
        return stored
