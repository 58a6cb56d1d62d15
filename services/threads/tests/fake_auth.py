"""FakeAuth: answers /internal/users/* as auth does, from a dictionary, and counts what it is asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from shared.plumbing.http.web import json_response
from shared.wire import codec
from shared.wire.accounts import Profile, Profiles, ProfilesById, ProfilesByName, Seeing

LAST_SEEN = datetime(2026, 11, 20, 12, tzinfo=UTC)


class FakeAuth:
    """Accounts are made by `add`; `away` makes every call fail with 503; none is answered until `thawed`."""

    def __init__(self) -> None:
        self.profiles: dict[int, Profile] = {}
        self.asked: list[list[str] | list[int]] = []
        self.away = False
        self.thawed = asyncio.Event()
        self.thawed.set()
        self.url = ""

    def add(self, user: int, username: str) -> None:
        self.profiles[user] = Profile(user, username, username.title(), LAST_SEEN)

    def shows(self, user: int, seeing: Seeing) -> None:
        """What `user` lets others see from now on."""
        last_seen = LAST_SEEN if seeing.last_seen else None
        self.profiles[user] = msgspec.structs.replace(self.profiles[user], last_seen=last_seen, seeing=seeing)

    async def by_name(self, request: web.Request) -> web.Response:
        asked = codec.decode(await request.read(), ProfilesByName).usernames
        return await self._answer(asked, [one for one in self.profiles.values() if one.username in asked])

    async def by_id(self, request: web.Request) -> web.Response:
        asked = codec.decode(await request.read(), ProfilesById).users
        return await self._answer(asked, [one for one in self.profiles.values() if one.user in asked])

    async def live(self, request: web.Request) -> web.Response:
        return await self._answer([], [])

    async def _answer(self, asked: list[str] | list[int], found: list[Profile]) -> web.Response:
        self.asked.append(asked)
        await self.thawed.wait()
        return web.Response(status=503) if self.away else json_response(Profiles(found))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeAuth"]:
        app = web.Application()
        app.add_routes(
            [
                web.post("/internal/users/by-name", self.by_name),
                web.post("/internal/users/by-id", self.by_id),
                web.get("/health/live", self.live),
            ]
        )
        async with TestServer(app) as server:
            self.url = str(server.make_url("")).rstrip("/")
            yield self
