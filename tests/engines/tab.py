"""A page in a browser of any make: what WebDriver and its successor, WebDriver BiDi, have in common."""

import asyncio
import json
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

WITHIN_S = 40.0
_FIND = (Path(__file__).parent / "find.js").read_text()
_POLL_S = 0.05
_KEYS = {
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "End": "\ue010",
    "ArrowUp": "\ue013",
    "ArrowLeft": "\ue012",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
    "F3": "\ue033",
}
_WHERE = """(role, name) => {
  const part = find(role, name);
  part?.scrollIntoView({ block: "center" });
  if (!part || part.disabled || document.querySelector("[data-fresh]")) return null;
  const { x, y, width, height } = part.getBoundingClientRect();
  const [left, top] = [Math.round(x + width / 2), Math.round(y + height / 2)];
  return part.contains(document.elementFromPoint(left, top)) ? [left, top] : null;
}"""


class PageError(Exception):
    """The script failed, or its page went away under it."""


class Tab(ABC):
    """One page with cookies and storage of its own. errors: what its scripts threw, what its policy forbade."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    @abstractmethod
    async def goto(self, url: str) -> None:
        """Returns when the page has loaded."""

    @abstractmethod
    async def reload(self) -> None:
        """The same."""

    @abstractmethod
    async def evaluate(self, expression: str) -> Any:
        """What the promise of a string becomes. Raises PageError."""

    @abstractmethod
    async def act(self, *sources: dict[str, Any]) -> None:
        """Input as WebDriver's actions describe it."""

    async def watched(self) -> None:  # noqa: B027 – most drivers tell of errors by themselves
        """Brings `errors` up to date."""

    async def call(self, function: str, *arguments: Any) -> Any:
        """What the JavaScript function returns, awaited; `find(role, name)` is at its hand."""
        call = f"({function})(...{json.dumps(arguments)})"
        answer = await self.evaluate(
            f"(async () => {{ {_FIND} return JSON.stringify((await {call}) ?? null); }})()"
        )
        return json.loads(answer)

    async def until(self, function: str, *arguments: Any) -> Any:
        """The first answer that is true."""
        ends_at, found, error = time.monotonic() + WITHIN_S, None, None
        while not found:
            if time.monotonic() > ends_at:
                shown = await self.call("() => location.href + '\\n' + document.body.innerText")
                raise AssertionError(f"{function} of {arguments}: {found} {error or ''}\n{shown}")
            try:
                found = await self.call(function, *arguments)
            except PageError as gone:
                error = gone
            if not found:
                await asyncio.sleep(_POLL_S)
        return found

    async def sees(self, role: str, name: str) -> None:
        """Waits until it is there, and not disabled."""
        await self.until(
            "(role, name) => { const part = find(role, name); return part && !part.disabled; }", role, name
        )

    async def reads(self, text: str) -> None:
        """Waits until the page shows the text."""
        await self.until("(text) => document.body.innerText.includes(text)", text)

    async def click(self, role: str, name: str) -> None:
        """Once the pointer can reach it."""
        x, y = await self.until(_WHERE, role, name)
        await self.act(
            {
                "type": "pointer",
                "id": "mouse",
                "actions": [
                    {"type": "pointerMove", "x": x, "y": y},
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerUp", "button": 0},
                ],
            }
        )

    async def keys(self, *keys: str) -> None:
        """Text, or a key of those above, to whatever has the focus."""
        strokes = [stroke for key in keys for stroke in _KEYS.get(key, key)]
        await self.act(
            {
                "type": "key",
                "id": "keyboard",
                "actions": [{"type": way, "value": key} for key in strokes for way in ("keyDown", "keyUp")],
            }
        )

    async def fill(self, role: str, name: str, text: str) -> None:
        """Types into an empty field."""
        await self.click(role, name)
        await self.keys(text)

    async def focuses(self, name: str) -> None:
        """Waits until the focus is on what has that accessible name."""
        await self.until("(name) => nameOf(document.activeElement) === name", name)
