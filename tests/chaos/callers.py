"""People who call by HTTP all the time, through the gateway: every call must be answered."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec

from shared.testing.people import Person, fresh_name
from shared.wire.ids import uuid7

_PAUSE_S = 0.05
_RIGHT = frozenset({200, 201})
CALLS = 11
"""So many different ones."""
_WITHIN = aiohttp.ClientTimeout(10.0)


class Callers:
    """answered: counted by what was asked for. failed: the others, a sentence each. slowest_s: of all answers."""

    def __init__(self) -> None:
        self.answered: Counter[str] = Counter()
        self.failed: list[str] = []
        self.slowest_s = 0.0

    async def call_on(self, person: Person, peer: str) -> None:
        """Whatever a page calls, each service in turn, forever; nothing that failed is tried again."""
        thread, number = f"/api/threads/{peer}", 0
        while True:
            number += 1
            await self._read(person, "inbox", "/api/threads")
            text = {"client_id": str(uuid7()), "text": f"word{number}"}
            await self._call(person, "send", "POST", f"{thread}/messages", json=text)
            await self._read(person, "history", f"{thread}/messages?limit=50")
            await self._read(person, "search", f"/api/search?q=word{number}")
            await self._read(person, "session", "/api/session")
            await self._read(person, "push", "/api/push")
            await self._play(person, thread)
            await self._keep(person, thread)

    async def _play(self, person: Person, thread: str) -> None:
        """A game against the AI, begun, played for one move, and given up."""
        offer = {"client_id": str(uuid7()), "o": "easy", "clock": {"initial_s": 600}}
        begun = await self._call(person, "game", "POST", f"{thread}/games", json=offer)
        if not begun:
            return
        path = f"/api/games/{msgspec.json.decode(begun)['game']['id']}/commands"
        for command in ({"do": "move", "ply": 0, "cell": 4}, {"do": "resign"}):
            body = {"client_id": str(uuid7()), **command}
            await self._call(person, command["do"], "POST", path, json=body)  # type: ignore[arg-type]

    async def _keep(self, person: Person, thread: str) -> None:
        """A file, uploaded and fetched."""
        path = f"{thread}/attachments?client_id={uuid7()}&name=note.txt"
        kept = await self._call(person, "upload", "POST", path, data=b"a note")
        if kept:
            await self._read(person, "file", f"/api/attachments/{msgspec.json.decode(kept)['id']}")

    async def _read(self, person: Person, what: str, path: str) -> None:
        await self._call(person, what, "GET", path)

    async def _call(self, person: Person, what: str, method: str, path: str, **body: Any) -> bytes:
        """The answer; empty for a failure."""
        await asyncio.sleep(_PAUSE_S)
        began = time.monotonic()
        try:
            async with person.http.request(method, path, timeout=_WITHIN, **body) as response:
                status, answer = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            status, answer = 0, repr(error).encode()
        took_s = time.monotonic() - began
        self.slowest_s = max(self.slowest_s, took_s)
        if status in _RIGHT:
            self.answered[what] += 1
            return answer
        at = time.strftime("%H:%M:%S")
        self.failed.append(f"{at} {what}: {status} {answer[:300].decode(errors='replace')}, {took_s:.2f} s")
        print(f"    failed: {self.failed[-1]}", flush=True)
        return b""


@contextlib.asynccontextmanager
async def calling(base_url: str, pairs: int) -> AsyncIterator[Callers]:
    """New people call within the block, one of each pair."""
    people = [
        await Person(base_url, fresh_name(stem)).sign_up() for _ in range(pairs) for stem in ("cal", "dan")
    ]
    callers = Callers()
    tasks = [
        asyncio.create_task(callers.call_on(one, other.username))
        for one, other in zip(people[::2], people[1::2], strict=True)
    ]
    try:
        yield callers
    finally:
        ended = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for person in people:
            await person.close()
        for task in ended:
            task.result()
