"""A running target as the measurements see it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle

import aiohttp

from bench.load.sockets import Seat

_AT_ONCE = 16

Person = tuple[str, str]
"""(username, Cookie header)."""


@dataclass
class Running:
    """base_urls: where people connect, dealt in turn. roots: a program's name -> the ids of its root processes.

    Of `roots`, "postgres" and "redis" are counted apart. messages: the table of `postgres_url` that they are stored in,
    empty for none.
    """

    dialect: str
    base_urls: Sequence[str]
    roots: dict[str, list[int]]
    postgres_url: str
    messages: str
    people: dict[str, str] = field(default_factory=dict)

    async def log_in(self, usernames: Sequence[str]) -> list[Person]:
        """Sessions of these people, made by the peers' POST /login."""
        waiting = iter(usernames)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:

            async def log_in_each() -> list[Person]:
                return [(name, await self._log_in(http, name)) for name in waiting]

            return [
                each
                for some in await asyncio.gather(*(log_in_each() for _ in range(_AT_ONCE)))
                for each in some
            ]

    async def _log_in(self, http: aiohttp.ClientSession, username: str) -> str:
        body = json.dumps({"username": username})
        headers = {"Content-Type": "application/json"}
        async with http.post(f"{self.base_urls[0]}/login", data=body, headers=headers) as response:
            response.raise_for_status()
            return "; ".join(f"{name}={morsel.value}" for name, morsel in response.cookies.items())

    def seats(self, pairs: int) -> list[Seat]:
        """Both people of so many pairs, who know nobody else; logged in once and for all."""
        names = [f"bench-{flow:05d}" for flow in range(2 * pairs)]
        if missing := [name for name in names if name not in self.people]:
            self.people.update(asyncio.run(self.log_in(missing)))
        urls = cycle(self.base_urls)
        return [
            Seat(flow, name, names[flow ^ 1], next(urls), self.people[name])
            for flow, name in enumerate(names)
        ]
