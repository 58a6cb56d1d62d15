"""A table to play at: the real game and threads services with a PostgreSQL of their own; ann, bob and eve around it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from aiohttp import web

from services.game.app import build as build_game
from services.game.config import Config as GameConfig
from services.threads.app import build as build_threads
from services.threads.config import Config as ThreadsConfig
from services.threads.tests.fake_auth import FakeAuth
from shared.testing.programs import Programs
from shared.testing.tokens import Tokens
from shared.wire import codec
from shared.wire.games import Game, ThreadGame
from shared.wire.ids import uuid7

IDS = {"ann": 11, "bob": 12, "eve": 13}
WITHIN_S = 30.0


class Table(Programs):
    """Programs are started and stopped by name: `threads`, `game`, and more game processes as `game-2` …"""

    def __init__(self, directory: Path, database_url: str, redis_url: str, auth: FakeAuth) -> None:
        super().__init__(directory)
        self.database_url = database_url
        self.redis_url = redis_url
        self.auth = auth
        self.tokens = Tokens(directory / "keys", "game")
        self.sql: asyncpg.Connection = None

    def _build(self, name: str, settings: dict[str, Any]) -> web.Application:
        shared = {
            "listen": f"unix:{self.path(name)}",
            "keys_dir": self.directory / "keys",
            "postgres_url": self.database_url,
        }
        if name == "threads":
            return build_threads(
                ThreadsConfig(
                    **{**shared, "redis_url": self.redis_url, "auth_url": self.auth.url, **settings}
                )
            )
        told = {
            "threads_url": f"unix:{self.path('threads')}",
            "ai_pace_s": 0.0,
            "engine_workers": 0,
            **settings,
        }
        return build_game(GameConfig(**{**shared, **told}))

    async def call(
        self, who: str, method: str, path: str, body: Any = None, *, at: str = "game", **query: Any
    ) -> tuple[int, Any]:
        """As the gateway forwards it for a user: status and decoded JSON."""
        headers = self.tokens.user(IDS[who], who, audience=at.split("-")[0])
        return await self.bare(method, path, headers, body, at=at, **query)

    async def bare(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: Any = None,
        *,
        at: str = "game",
        **query: Any,
    ) -> tuple[int, Any]:
        """As whoever the headers say."""
        options = {} if body is None else {"json": body}
        async with self._http[at].request(method, path, headers=headers, params=query, **options) as answer:
            return answer.status, msgspec.json.decode(await answer.read())

    async def offer(self, who: str, peer: str, **asked: Any) -> Game:
        """A game that must be taken."""
        status, answer = await self.call(
            who, "POST", f"/api/threads/{peer}/games", {"client_id": str(uuid7()), **asked}
        )
        assert status == 201, answer
        return _game(answer).game

    async def act(self, who: str, id: UUID, do: str, *, at: str = "game", **more: Any) -> tuple[int, Any]:
        """Status, and the ThreadGame or the problem."""
        command = {"client_id": str(uuid7()), "do": do, **more}
        status, answer = await self.call(who, "POST", f"/api/games/{id}/commands", command, at=at)
        return status, _game(answer) if status == 200 else answer

    async def done(self, who: str, id: UUID, do: str, **more: Any) -> Game:
        """The game after a command that must be taken."""
        status, answer = await self.act(who, id, do, **more)
        assert status == 200, answer
        found: Game = answer.game
        return found

    async def play(self, id: UUID, *cells: int, first: str = "ann", then: str = "bob") -> Game:
        """Moves by turns, from the start; the game after the last."""
        for ply, cell in enumerate(cells):
            game = await self.done((first, then)[ply % 2], id, "move", ply=ply, cell=cell)
        return game

    async def log(self, who: str = "ann", peer: str = "bob") -> list[dict[str, Any]]:
        """The frames of the thread's log."""
        status, answer = await self.call(
            who, "GET", f"/api/threads/{peer}/events", at="threads", after=0, limit=200
        )
        assert status == 200, answer
        found: list[dict[str, Any]] = answer["events"]
        return found

    async def versions(self, id: UUID) -> list[int]:
        """Of the game's events, as they follow in the log between ann and bob."""
        return [one["body"]["version"] for one in await self.log() if one["body"]["id"] == str(id)]

    async def state(self, id: UUID, who: str = "ann") -> ThreadGame:
        status, answer = await self.call(who, "GET", f"/api/games/{id}")
        assert status == 200, answer
        return _game(answer)

    async def until(self, id: UUID, true: Callable[[ThreadGame], bool]) -> ThreadGame:
        """The game as soon as it is so, and the log has it."""
        async with asyncio.timeout(WITHIN_S):
            while not true(found := await self.state(id)) or await self.waiting():
                await asyncio.sleep(0.01)
        return found

    async def waiting(self) -> int:
        """Events that the log does not have yet."""
        found: int = await self.sql.fetchval("SELECT count(*) FROM game.outbox")
        return found

    async def posted(self) -> None:
        """Waits until the log has everything."""
        async with asyncio.timeout(WITHIN_S):
            while await self.waiting():
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def laid(directory: Path, database_url: str, redis_url: str) -> AsyncIterator[Table]:
    """A table with threads; the game is for the test to start."""
    async with FakeAuth().running() as auth:
        for name, id in IDS.items():
            auth.add(id, name)
        table = Table(directory, database_url, redis_url, auth)
        await table.start("threads")
        table.sql = await asyncpg.connect(database_url)
        try:
            yield table
        finally:
            await table.sql.close()
            await table.close()


def _game(answer: Any) -> ThreadGame:
    return codec.decode(codec.encode(answer), ThreadGame)
