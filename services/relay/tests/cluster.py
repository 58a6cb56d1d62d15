"""Real auth, threads and relay nodes in one process, on Unix sockets, with a real PostgreSQL and Valkey."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web

from services.auth import hashing
from services.auth.app import build as build_auth
from services.auth.config import Config as AuthConfig
from services.relay.app import build as build_relay
from services.relay.config import Config as RelayConfig
from services.relay.keys import NODE
from services.relay.node import Node
from services.threads.app import build as build_threads
from services.threads.config import Config as ThreadsConfig
from services.threads.feed import Feed
from services.threads.keys import FEED
from shared.plumbing.app import DRAIN, STATE, listen
from shared.plumbing.identity import VOUCHED_HEADER, User
from shared.plumbing.transport.address import Address
from shared.testing.people import PASSWORD
from shared.testing.sockets import Socket
from shared.testing.tokens import Tokens
from shared.wire import codec
from shared.wire.accounts import LoggedIn, NewAccount, SessionInfo

_STOPS_WITHIN_S = 15.0


class Cluster:
    """directory: short, for sockets and keys. Programs are started and stopped by name: auth, threads, relay-1 …"""

    def __init__(self, directory: Path, database_url: str, redis_url: str) -> None:
        self.directory = directory
        self.database_url = database_url
        self.redis_url = redis_url
        self.tokens = Tokens(directory / "keys", "relay")
        self.people: dict[str, SessionInfo] = {}
        self.apps: dict[str, web.Application] = {}
        self._runners: dict[str, web.AppRunner] = {}
        self._sockets: list[Socket] = []

    async def start(self, name: str, **settings: Any) -> None:
        """Starts a program; settings: of its config."""
        app = self._build(name, settings)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, handle_signals=False)
        await runner.setup()
        await listen(runner, Address(path=self.path(name)))
        self.apps[name] = app
        self._runners[name] = runner

    async def start_another(self, name: str) -> str:
        """Starts another process of a program, which is called from now on. How the one before is called here."""
        before = f"{name}-before"
        self.apps[before], self._runners[before] = self.apps[name], self._runners[name]
        await self.start(name)
        return before

    async def stop(self, name: str, *, drain: bool = False) -> None:
        """Ends a program, by default without its drain hooks, so that its sockets just break."""
        if drain:
            await self.drain(name)
        del self.apps[name]
        await self._runners.pop(name).cleanup()

    async def drain(self, name: str) -> None:
        """What SIGTERM begins."""
        app = self.apps[name]
        app[STATE]["draining"] = True
        for hook in app[DRAIN]:
            await hook(app)

    async def close(self) -> None:
        for socket in self._sockets:
            await socket.disconnect()
        for name in list(reversed(self._runners)):
            try:
                async with asyncio.timeout(_STOPS_WITHIN_S):
                    await self.stop(name)
            except TimeoutError:
                for task in asyncio.all_tasks():
                    task.print_stack()
                raise

    def path(self, name: str) -> str:
        return str(self.directory / f"{name}.sock")

    def node(self, name: str) -> Node:
        return self.apps[name][NODE]

    @property
    def feed(self) -> Feed:
        """What threads tells its links once a second."""
        return self.apps["threads"][FEED]

    def links(self, name: str = "threads") -> Collection[object]:
        """Those that such a process has now."""
        return self.apps[name][FEED].audience.links

    def _build(self, name: str, settings: dict[str, Any]) -> web.Application:
        common: dict[str, Any] = {
            "listen": f"unix:{self.path(name)}",
            "keys_dir": self.directory / "keys",
            "redis_url": self.redis_url,
            "rate_limits": "off",
        }
        if name == "auth":
            return build_auth(AuthConfig(**{**common, "postgres_url": self.database_url, **settings}))
        common["auth_url"] = f"unix:{self.path('auth')}"
        if name == "threads":
            return build_threads(ThreadsConfig(**{**common, "postgres_url": self.database_url, **settings}))
        common["threads_url"] = f"unix:{self.path('threads')}"
        return build_relay(RelayConfig(**{**common, "node": name, **settings}))

    async def ready(self, name: str) -> tuple[int, dict[str, str]]:
        """What /health/ready says."""
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(self.path(name))) as http,
            http.get("http://duet/health/ready") as response,
        ):
            return response.status, await response.json()

    # People.

    async def call(self, program: str, method: str, path: str, body: Any = None, *, as_: str = "") -> bytes:
        """One call of a program by the gateway, on behalf of the user `as_` if given."""
        headers = (
            self.identity(as_, program) if as_ else self.tokens.program("gateway", program.partition("-")[0])
        )
        headers["Content-Type"] = "application/json"
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(self.path(program))) as http,
            http.request(method, f"http://duet{path}", data=codec.encode(body), headers=headers) as response,
        ):
            content = await response.read()
            assert response.status < 400, content
            return content

    async def sign_up(self, *names: str) -> None:
        """Makes accounts, each with one session."""
        for name in names:
            account = NewAccount(name, PASSWORD, name.title(), "127.0.0.1")
            answer = await self.call("auth", "POST", "/internal/accounts", account)
            self.people[name] = codec.decode(answer, LoggedIn).info

    def identity(self, name: str, audience: str, session: UUID | None = None) -> dict[str, str]:
        """As the gateway speaks for somebody: in a token, and to a relay beside its own."""
        info = self.people[name]
        user = User(info.user, name, session or info.session)
        if audience == "relay":
            return {**self.tokens.program("gateway", audience), VOUCHED_HEADER: codec.encode(user).decode()}
        return self.tokens.user(user.id, name, user.session, audience)

    def socket(self, name: str, node: str = "relay-1", *, session: UUID | None = None) -> Socket:
        """A socket of `name`, not connected yet, to a node."""
        headers = self.identity(name, "relay", session)
        socket = Socket(name, "http://duet", headers, unix_path=self.path(node))
        self._sockets.append(socket)
        return socket

    async def connect(self, name: str, node: str = "relay-1", path: str = "/messages") -> Socket:
        """A socket that has been welcomed."""
        socket = self.socket(name, node)
        await socket.connect(path)
        return socket


def hash_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in auth's own tests: what a password costs is not looked at here."""
    monkeypatch.setattr(hashing, "MEMORY_KIB", 8)
    monkeypatch.setattr(hashing, "ITERATIONS", 1)


@contextlib.asynccontextmanager
async def cluster(directory: Path, database_url: str, redis_url: str) -> AsyncIterator[Cluster]:
    """auth, threads and two nodes."""
    opened = Cluster(directory, database_url, redis_url)
    try:
        for name in ("auth", "threads", "relay-1", "relay-2"):
            await opened.start(name)
        yield opened
    finally:
        await opened.close()


def vouched(cluster: Cluster, name: str) -> str:
    """What the gateway says beside its own token."""
    info = cluster.people[name]
    return codec.encode(User(info.user, name, info.session)).decode()
