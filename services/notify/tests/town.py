"""Real auth, threads and notify in one process, with PostgreSQL and Valkey; a push service and a site on loopback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from aiohttp import web

from services.auth import hashing
from services.auth.app import build as build_auth
from services.auth.config import Config as AuthConfig
from services.notify.app import build as build_notify
from services.notify.config import Config
from services.notify.tests.site import Site
from services.threads.app import build as build_threads
from services.threads.config import Config as ThreadsConfig
from shared.plumbing.redis.client import redis
from shared.plumbing.redis.directory import Membership
from shared.testing.people import PASSWORD
from shared.testing.programs import Programs
from shared.testing.push_service import Browser, PushService
from shared.testing.tokens import Tokens
from shared.wire import codec
from shared.wire.accounts import Credentials, LoggedIn, NewAccount, SessionInfo
from shared.wire.ids import uuid7
from shared.wire.link import AppendBatch, AppendItem
from shared.wire.log_calls import AppendedItems
from shared.wire.push import PushState

WITHIN_S = 20.0


class Town(Programs):
    """Programs are started and stopped by name: auth, threads, notify, and another-notify."""

    def __init__(
        self, directory: Path, database_url: str, redis_url: str, service: PushService, site: Site
    ) -> None:
        super().__init__(directory)
        self.database_url = database_url
        self.redis_url = redis_url
        self.service = service
        self.site = site
        self.tokens = Tokens(directory / "keys", "notify")
        self.sessions: dict[str, SessionInfo] = {}
        self.sql: asyncpg.Connection = None

    def settings(self) -> dict[str, Any]:
        """Of notify, as fields of its Config."""
        return {
            "listen": f"unix:{self.path('notify')}",
            "keys_dir": self.directory / "keys",
            "postgres_url": self.database_url,
            "redis_url": self.redis_url,
            "auth_url": f"unix:{self.path('auth')}",
            "threads_url": f"unix:{self.path('threads')}",
            "push_hosts": self.service.host,
            "push_ca": str(self.service.ca),
            "push_allow_private": True,
            "preview_private": self.site.address,
        }

    def _build(self, name: str, changes: dict[str, Any]) -> web.Application:
        told = self.settings()
        if name == "another-notify":
            told["listen"] = f"unix:{self.path(name)}"
        if name.endswith("notify"):
            return build_notify(Config(**{**told, **changes}))
        common = {key: told[key] for key in ("keys_dir", "postgres_url", "redis_url")}
        common |= {"listen": f"unix:{self.path(name)}", "rate_limits": "off"}
        if name == "auth":
            return build_auth(AuthConfig(**common))
        return build_threads(ThreadsConfig(**common, auth_url=told["auth_url"]))

    async def call(
        self, program: str, method: str, path: str, body: Any = None, *, headers: dict[str, str]
    ) -> tuple[int, Any]:
        """Status and decoded JSON; None for an empty body."""
        data = None if body is None else codec.encode(body)
        headers = {**headers, "Content-Type": "application/json"} if body is not None else headers
        async with self._http[program].request(method, path, data=data, headers=headers) as answer:
            content = await answer.read()
            return answer.status, msgspec.json.decode(content) if content else None

    async def as_user(
        self, login: SessionInfo, program: str, method: str, path: str, body: Any = None
    ) -> tuple[int, Any]:
        """A call that the gateway forwards."""
        headers = self.tokens.user(login.user, login.username, login.session, audience=program)
        return await self.call(program, method, path, body, headers=headers)

    async def _log_in(self, path: str, body: Any) -> SessionInfo:
        headers = self.tokens.program("gateway", "auth")
        status, answer = await self.call("auth", "POST", path, body, headers=headers)
        assert status in (200, 201), answer
        return codec.decode(codec.encode(answer), LoggedIn).info

    async def sign_up(self, *names: str) -> None:
        for name in names:
            account = NewAccount(name, PASSWORD, name.title(), "127.0.0.1")
            self.sessions[name] = await self._log_in("/internal/accounts", account)

    async def log_in(self, name: str) -> SessionInfo:
        """Another session of somebody."""
        return await self._log_in("/internal/login", Credentials(name, PASSWORD, "127.0.0.1"))

    async def log_out(self, login: SessionInfo) -> None:
        assert (await self.as_user(login, "auth", "DELETE", "/api/session"))[0] == 204

    async def subscribe(
        self, who: str | SessionInfo, device: str = "", *, hide_text: bool = False
    ) -> Browser:
        """A browser of theirs, called as they are or `device`, that is subscribed."""
        login = self.sessions[who] if isinstance(who, str) else who
        _, state = await self.as_user(login, "notify", "GET", "/api/push")
        key = codec.decode(codec.encode(state), PushState).key
        browser = self.service.browser(device or login.username, key)
        status, answer = await self.as_user(
            login, "notify", "PUT", "/api/push", browser.subscription(hide_text=hide_text)
        )
        assert status == 204, answer
        return browser

    async def say(self, sender: str, to: str, *texts: str) -> list[int]:
        """In one transaction; their seqs."""
        return await self.append(sender, to, *(("message", text) for text in texts))

    async def append(
        self, sender: str, to: str, *events: tuple[str, str], program: str = "relay"
    ) -> list[int]:
        """Events, by kind and body, in one transaction; their seqs."""
        login = self.sessions[sender]
        items = [AppendItem(login.user, sender, to, kind, uuid7(), body) for kind, body in events]
        status, answer = await self.call(
            "threads",
            "POST",
            "/internal/append",
            AppendBatch(1, "", items),
            headers=self.tokens.program(program, "threads"),
        )
        assert status == 200, answer
        results = codec.decode(codec.encode(answer), AppendedItems).results
        return [result.delivery.seq for result in results if result.delivery]

    async def do(self, who: str, method: str, path: str, body: Any) -> None:
        """A call of threads that must succeed."""
        status, answer = await self.as_user(self.sessions[who], "threads", method, path, body)
        assert status < 300, answer

    @contextlib.asynccontextmanager
    async def here(self, *names: str) -> AsyncIterator[None]:
        """They have a socket within the block."""
        async with redis(self.redis_url) as cache:
            membership = Membership(cache, "relay-1")
            await membership.join(*(self.sessions[name].user for name in names))
            keeping = asyncio.create_task(membership.keep())
            await membership.renew()
            try:
                yield
            finally:
                keeping.cancel()
                await asyncio.wait([keeping])
                await membership.resign()

    async def settled(self) -> None:
        """Waits until the log is read to its end, and nothing waits to be told or looked at."""
        async with asyncio.timeout(WITHIN_S):
            head = await self.sql.fetchval("SELECT coalesce(max(xid), '0')::text FROM threads.outbox")
            while await self.sql.fetchval(
                "SELECT position = '' OR split_part(position, ':', 2)::bigint <= $1::bigint FROM notify.reading",
                int(head),
            ) or await self.sql.fetchval(
                "SELECT count(*) FROM notify.notices WHERE due_at IS NOT NULL"
                " UNION ALL SELECT count(*) FROM notify.previews ORDER BY 1 DESC LIMIT 1"
            ):
                await asyncio.sleep(0.05)

    async def devices(self) -> int:
        count: int = await self.sql.fetchval("SELECT count(*) FROM notify.subscriptions")
        return count

    async def begun(self) -> None:
        """Waits until notify reads the log: what came before is none of its business."""
        async with asyncio.timeout(WITHIN_S):
            while not await self.sql.fetchval("SELECT position FROM notify.reading"):
                await asyncio.sleep(0.02)


def hash_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what a town of three costs to found, the hashes of their passwords are the most."""
    monkeypatch.setattr(hashing, "MEMORY_KIB", 8)
    monkeypatch.setattr(hashing, "ITERATIONS", 1)
