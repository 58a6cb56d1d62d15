"""Somebody who writes and reads without a page, which takes a tenth of the time: for tests that look at one page."""

import asyncio
import time
from typing import Any, Protocol

from shared.testing.people import Person
from shared.wire.ids import uuid7

_SEES_WITHIN_S = 10.0
_ASKS_AGAIN_S = 0.05


class Peer(Protocol):
    """Whoever has an account and a name that others see."""

    username: str
    display_name: str


class Correspondent:
    """By the API, as a program of theirs does; in the thread with `peer`."""

    def __init__(self, person: Person, display_name: str, peer: Peer) -> None:
        self.person = person
        self.username = person.username
        self.display_name = display_name
        self.peer = peer

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.person.send(self.peer.username, text)

    async def call(self, path: str, body: dict[str, Any]) -> Any:
        """What is made or done by a call; the answer."""
        status, answer = await self.person.call("POST", f"/api{path}", {"client_id": str(uuid7()), **body})
        assert status in (200, 201), answer
        return answer

    async def post(self, path: str, **body: Any) -> Any:
        """As `call`, about the thread."""
        return await self.call(f"/threads/{self.peer.username}/{path}", body)

    async def messages(self) -> list[dict[str, Any]]:
        """The last 200 of the thread."""
        _, found = await self.person.call("GET", f"/api/threads/{self.peer.username}/messages?limit=200")
        messages: list[dict[str, Any]] = found["messages"]
        return messages

    async def sees(self, *texts: str | None) -> None:
        """Waits until the thread holds exactly these texts, in this order; None for one that is deleted."""
        ends_at = time.monotonic() + _SEES_WITHIN_S
        while (found := [message.get("text") for message in await self.messages()]) != list(texts):
            assert time.monotonic() < ends_at, found
            await asyncio.sleep(_ASKS_AGAIN_S)
