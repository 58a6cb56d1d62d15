"""People who play in their threads all the time; at the end each log is held against the games."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from shared.testing.people import Person, fresh_name
from shared.wire.ids import uuid7

_AWAY = frozenset({429, 502, 503, 504})
_POLL_S = 0.05
_TRIES = 600
_PAGE = 200
_SETTLES_WITHIN_S = 10.0


class Couple:
    """Two people with a thread of their own. games: id -> version of those that came to an end."""

    def __init__(self, ann: Person, bob: Person) -> None:
        self.people = (ann, bob)
        self.games: dict[str, int] = {}
        self.wrong: list[str] = []

    async def play_on(self) -> None:
        """Game after game, forever."""
        for number in range(1_000_000):
            opponent = ("peer", "hard")[number % 2]
            asked = {"client_id": str(uuid7()), "o": opponent, "clock": {"initial_s": 600}}
            game = await self._call(0, "POST", f"/api/threads/{self.people[1].username}/games", asked)
            if opponent == "peer":
                game = await self._act(1, game["id"], do="accept")
            while game["phase"] == "playing":
                game = await self._turn(game, alone=opponent != "peer")
            self.games[game["id"]] = game["version"]

    async def _turn(self, game: dict[str, Any], *, alone: bool) -> dict[str, Any]:
        who = "XO".index(game["turn"])
        if alone and who == 1:
            await asyncio.sleep(_POLL_S)
            return await self._call(0, "GET", f"/api/games/{game['id']}")
        cell = random.choice([cell for cell in range(9) if cell not in game["moves"]])
        return await self._act(who, game["id"], do="move", ply=len(game["moves"]), cell=cell)

    async def _act(self, who: int, id: str, **command: Any) -> dict[str, Any]:
        return await self._call(
            who, "POST", f"/api/games/{id}/commands", {"client_id": str(uuid7()), **command}
        )

    async def _call(self, who: int, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The game."""
        return dict((await self._ask(who, method, path, body))["game"])

    async def _ask(self, who: int, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """However often it takes: the same client_id does nothing twice."""
        for _ in range(_TRIES):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                status, answer = await self.people[who].call(method, path, body)
                if status in (200, 201):
                    return dict(answer)
                if status not in _AWAY:
                    self.wrong.append(f"{method} {path} {body}: {status} {answer}")
                    raise AssertionError(self.wrong[-1])
            await asyncio.sleep(_POLL_S)
        raise AssertionError(f"{path} was never answered")

    async def mistold(self) -> list[str]:
        """As `_mistold`, once what is committed has had the time to reach the log."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLES_WITHIN_S):
                while await self._mistold():
                    await asyncio.sleep(_POLL_S)
        return await self._mistold()

    async def _mistold(self) -> list[str]:
        """The games whose events in the log are not their versions, each once and in order."""
        versions: dict[str, list[int]] = {}
        after = 0
        path = f"/api/threads/{self.people[1].username}/events?limit={_PAGE}&after="
        while events := (await self._ask(0, "GET", f"{path}{after}"))["events"]:
            for event in events:
                versions.setdefault(event["body"]["id"], []).append(event["body"]["version"])
            after = events[-1]["seq"]
        return [
            f"{id}: {versions.get(id)}"
            for id, last in self.games.items()
            if versions.get(id) != list(range(1, last + 1))
        ]


@contextlib.asynccontextmanager
async def couples(base_url: str, count: int) -> AsyncIterator[list[Couple]]:
    """Each with a thread of their own."""
    found = []
    for _ in range(count):
        people = [await Person(base_url, fresh_name(stem)).sign_up() for stem in ("ann", "bob")]
        found.append(Couple(*people))
    try:
        yield found
    finally:
        for couple in found:
            for person in couple.people:
                await person.close()


@contextlib.asynccontextmanager
async def playing(found: list[Couple]) -> AsyncIterator[None]:
    """They play within the block."""
    tasks = [asyncio.create_task(couple.play_on()) for couple in found]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
