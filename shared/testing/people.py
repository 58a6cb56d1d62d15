"""People for whole-system tests: each has an account, a cookie jar and the public HTTP contract."""

import itertools
import os
from ssl import SSLContext
from typing import Any
from uuid import UUID

import aiohttp
from yarl import URL

from shared.wire.ids import uuid7

PASSWORD = "correct-horse-battery"
_numbers = itertools.count(1)


def fresh_name(stem: str = "user") -> str:
    """A username nobody has."""
    return f"{stem}-{os.getpid() % 100_000}-{next(_numbers)}"


class Person:
    """Somebody with a browser, or a program acting for them. `http` holds the cookies."""

    def __init__(
        self, base_url: str, username: str, password: str = PASSWORD, *, trust: SSLContext | bool = True
    ) -> None:
        self.base_url = base_url
        self.username = username
        self.password = password
        self.http = aiohttp.ClientSession(
            base_url=base_url,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            # A load test opens hundreds of sockets for one person.
            connector=aiohttp.TCPConnector(limit=0, ssl=trust),
        )

    @property
    def cookie(self) -> str:
        """The Cookie header that a browser would send."""
        cookies = self.http.cookie_jar.filter_cookies(URL(self.base_url))
        return "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        """Status and decoded JSON (None for an empty body)."""
        async with self.http.request(method, path, json=body, **options) as response:
            text = await response.read()
            return response.status, (await response.json(content_type=None) if text else None)

    async def sign_up(self, display_name: str | None = None) -> "Person":
        """Makes the account; the session cookie stays in `http`."""
        body = {"username": self.username, "password": self.password}
        if display_name:
            body["display_name"] = display_name
        status, answer = await self.call("POST", "/api/accounts", body)
        assert status == 201, answer
        return self

    async def log_in(self) -> "Person":
        """A new session."""
        credentials = {"username": self.username, "password": self.password}
        status, answer = await self.call("POST", "/api/session", credentials)
        assert status == 200, answer
        return self

    async def send(self, to: str, text: str, client_id: UUID | None = None) -> dict[str, Any]:
        """A message over HTTP; the stored message."""
        body = {"client_id": str(client_id or uuid7()), "text": text}
        status, answer = await self.call("POST", f"/api/threads/{to}/messages", body)
        assert status in (200, 201), answer
        message: dict[str, Any] = answer
        return message

    async def close(self) -> None:
        """Closes the connections, not the account."""
        await self.http.close()
