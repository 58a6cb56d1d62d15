"""A game inside a thread, whose parts are found by accessible name, as its players find them."""

import json
import re
from typing import Any, Protocol

from playwright.async_api import Locator, expect

from shared.wire.ids import uuid7
from tests.browser.chatter import Chatter

THREE_IN_A_ROW = 3


class Opponent(Protocol):
    """Who can be played with."""

    @property
    def username(self) -> str: ...

    async def call(self, path: str, body: dict[str, Any]) -> Any:
        """What a program of theirs does by the API; the answer."""


class Player:
    """Somebody at the chat, and the game they look at: the one with a board, of which there is one."""

    def __init__(self, chatter: Chatter, columns: int = THREE_IN_A_ROW) -> None:
        self.chatter = chatter
        self.page = chatter.page
        self.columns = columns
        self.card = chatter.log.get_by_role("article", name=re.compile("^Game of"))
        self.status = self.card.locator(".game-status")
        self.board = self.card.get_by_role("group", name="Board")
        self.over = chatter.log.get_by_role("article", name="Finished game of")

    def button(self, name: str) -> Locator:
        return self.card.get_by_role("button", name=name, exact=True)

    def cell(self, cell: int, holds: str = "empty") -> Locator:
        row, column = divmod(cell, self.columns)
        return self.button(f"Row {row + 1}, column {column + 1}, {holds}")

    def seat(self, side: str) -> Locator:
        return self.card.locator(".game-seat").filter(has_text=f"{side}: ")

    async def settled(self) -> None:
        """Waits until the game takes taps: for a moment after it moved it does not."""
        await expect(self.page.locator("[data-fresh]")).to_have_count(0)

    async def press(self, name: str) -> None:
        await expect(self.button(name)).to_be_visible()
        await self.settled()
        await self.button(name).click()

    async def take(self, *cells: int) -> None:
        for cell in cells:
            await expect(self.status).to_have_text("Your move.")
            await self.settled()
            await self.cell(cell).click()

    async def shows(self, board: str) -> None:
        """Waits until the nine cells hold these nine characters."""
        for cell, stone in enumerate(board):
            await expect(self.cell(cell, "empty" if stone == "." else stone)).to_be_visible()

    async def offer(self, **choices: str) -> None:
        """Offers a game by the dialog. choices: by the label of the field, with _ for a space."""
        await self.chatter.button("Game").click()
        dialog = self.page.get_by_role("dialog", name="New game")
        for label, value in choices.items():
            await dialog.get_by_label(label.replace("_", " ")).select_option(value)
        await dialog.locator("button[type=submit]").click()
        await expect(dialog).to_be_hidden()

    async def call(self, path: str, body: dict[str, Any]) -> Any:
        """What a program of this person does by the API; the answer."""
        answer = await self.chatter.context.request.post(
            f"{self.chatter.url}/api{path}", data={**body, "client_id": str(uuid7())}
        )
        assert answer.ok, await answer.text()
        return json.loads(await answer.body())

    @property
    def username(self) -> str:
        return self.chatter.username

    async def begin(self, peer: Opponent, **offer: Any) -> str:
        """A game with the peer who has accepted, this one as X; its id. By the API."""
        made = await self.call(f"/threads/{peer.username}/games", offer)
        await peer.call(f"/games/{made['game']['id']}/commands", {"do": "accept"})
        return str(made["game"]["id"])


async def play(*turns: tuple[Player, int]) -> None:
    for player, cell in turns:
        await player.take(cell)
