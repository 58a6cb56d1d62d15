"""A gateway on its own port, under uvloop as in production, with stand-ins or real services behind it."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvloop
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from gateway.app import HERE, build, runners
from gateway.config import GatewayConfig
from gateway.keys import LIMITS
from gateway.limits import Limits
from gateway.static_files import StaticFiles
from gateway.tests.fakes import EchoRelay, FakeAuth, RecordingService, Somebody
from shared.plumbing.app import listen
from shared.plumbing.limits.ledger import Ledger
from shared.testing.product import REPOSITORY, free_port
from shared.testing.rawsocket import Answer, RawSocket


def pytest_asyncio_loop_factories() -> dict[str, Any]:
    return {"uvloop": uvloop.new_event_loop}


class Gateway:
    """A running gateway. public, private: their runners."""

    def __init__(self, app: web.Application, port: int, config: GatewayConfig) -> None:
        self.app = app
        self.port = port
        self.config = config
        self.url = f"http://127.0.0.1:{port}"
        self.runners: list[web.AppRunner] = []
        self.http = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, timeout=aiohttp.ClientTimeout(10)
        )

    async def start(self) -> None:
        for runner, addresses in runners(self.app, self.config).items():
            await runner.setup()
            self.runners.append(runner)
            for address in addresses:
                await listen(runner, address)

    async def stop(self) -> None:
        await self.http.close()
        for runner in self.runners:
            runner._shutdown_timeout = 0.1
            await runner.cleanup()

    def cookie(self, somebody: Somebody) -> dict[str, str]:
        """The header of somebody's browser."""
        return {"Cookie": f"duet_{self.port}={somebody.token}"}

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        """A call through a client, which follows no redirect and keeps no cookie."""
        url = URL(f"{self.url}{path}", encoded=True)  # as it is, percent signs included
        headers = {"Accept-Encoding": "identity"} | options.pop("headers", {})
        async with self.http.request(
            method, url, headers=headers, allow_redirects=False, **options
        ) as answer:
            return Answer(answer.status, CIMultiDict(answer.headers), await answer.read())

    async def raw(self) -> RawSocket:
        """A bare connection."""
        return await RawSocket.connect(self.port)


Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def static() -> StaticFiles:
    """Bundled and packed once: for each test anew, that was three quarters of its time."""
    return StaticFiles(HERE / "static")


@pytest.fixture
async def auth(tmp_path: Path) -> AsyncIterator[FakeAuth]:
    async with running(FakeAuth(tmp_path / "auth.sock")) as fake:
        yield fake


@pytest.fixture
async def threads(tmp_path: Path) -> AsyncIterator[RecordingService]:
    async with running(RecordingService(tmp_path / "threads.sock")) as fake:
        yield fake


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[RecordingService]:
    async with running(RecordingService(tmp_path / "game.sock")) as fake:
        yield fake


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[RecordingService]:
    async with running(RecordingService(tmp_path / "media.sock")) as fake:
        yield fake


@pytest.fixture
async def relay(tmp_path: Path, keys: Path) -> AsyncIterator[EchoRelay]:
    async with running(EchoRelay(tmp_path / "relay-1.sock", keys)) as fake:
        yield fake


@contextlib.asynccontextmanager
async def running(fake: Any) -> AsyncIterator[Any]:
    await fake.start()
    try:
        yield fake
    finally:
        await fake.stop()


@pytest.fixture
async def start(
    tmp_path: Path,
    keys: Path,
    static: StaticFiles,
    auth: FakeAuth,
    threads: RecordingService,
    game: RecordingService,
    media: RecordingService,
    relay: EchoRelay,
) -> AsyncIterator[Start]:
    """`await start(rate_limits="on", …)`: a gateway with these settings."""
    started: list[Gateway] = []

    async def start_one(**settings: Any) -> Gateway:
        port = free_port()
        usual: dict[str, Any] = {
            "port": port,
            "listen": f"unix:{tmp_path}/gateway-{port}.sock",
            "keys_dir": keys,
            "rate_limits": "off",
            "auth_url": auth.url,
            "threads_url": threads.url,
            "game_url": game.url,
            "media_url": media.url,
            "notify_url": f"unix:{tmp_path}/absent.sock",
            "relay_urls": f"relay-1={relay.url}",
        }
        config = GatewayConfig(**(usual | settings))
        app = build(config, None if config.dev else static)
        if not config.redis_url:  # a stopped clock: however slow the machine is, no bucket refills
            app[LIMITS] = Limits(Ledger(), on=config.limited, clock=lambda: 0.0)
        gateway = Gateway(app, port, config)
        started.append(gateway)
        await gateway.start()
        return gateway

    yield start_one
    for gateway in started:
        await gateway.stop()


@pytest.fixture
async def gateway(start: Start) -> Gateway:
    """One without rate limits, in front of the stand-ins."""
    return await start()


@pytest.fixture
def ann(auth: FakeAuth) -> Somebody:
    return auth.add("ann")


@pytest.fixture
def bob(auth: FakeAuth) -> Somebody:
    return auth.add("bob")


@pytest.fixture(scope="session")
def real_auth(
    postgres_url: str, redis_url: str, keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The real auth service, as a separate process; its address."""
    yield from _real("auth", keys, tmp_path_factory, DUET_POSTGRES_URL=postgres_url, DUET_REDIS_URL=redis_url)


@pytest.fixture(scope="session")
def real_game(postgres_url: str, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real game service, without threads: the AI's endpoints do not need it."""
    threads_url = f"unix:{tmp_path_factory.mktemp('threads') / 'absent.sock'}"
    yield from _real(
        "game", keys, tmp_path_factory, DUET_POSTGRES_URL=postgres_url, DUET_THREADS_URL=threads_url
    )


def _real(name: str, keys: Path, tmp_path_factory: pytest.TempPathFactory, **settings: str) -> Iterator[str]:
    socket = tmp_path_factory.mktemp(name) / "s.sock"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DUET_")}
    own = {"DUET_LISTEN": f"unix:{socket}", "DUET_KEYS_DIR": str(keys), "DUET_RATE_LIMITS": "off"}
    process = subprocess.Popen(
        [sys.executable, "-m", f"services.{name}"], cwd=REPOSITORY, env={**inherited, **own, **settings}
    )
    try:
        deadline = time.monotonic() + 30
        while not socket.exists():
            assert process.poll() is None, f"{name} ended"
            assert time.monotonic() < deadline, f"{name} does not start"
            time.sleep(0.05)
        yield f"unix:{socket}"
    finally:
        process.terminate()
        process.wait(10)
