"""The real app on a socket, and the tokens of those who may call it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from services.game.app import build
from services.game.config import Config
from services.game.keys import ENGINE
from services.game.tests.table import Table, laid
from shared.testing.tokens import Tokens

Client = TestClient[web.Request, web.Application]
Ask = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
async def game(aiohttp_client: Any, tmp_path: Path) -> Client:
    """A client of a running game service that has presented nothing."""
    client: Client = await aiohttp_client(build(config_without_servers(tmp_path)))
    return client


@pytest.fixture
async def thinking_game(aiohttp_client: Any, tmp_path: Path) -> Client:
    """As `game`, with a process that searches."""
    return await thinking(aiohttp_client, tmp_path, workers=1)


async def thinking(aiohttp_client: Any, tmp_path: Path, *, workers: int) -> Client:
    """As `game`, with so many processes that search, all of them ready."""
    client: Client = await aiohttp_client(build(config_without_servers(tmp_path, engine_workers=workers)))
    client.app[ENGINE].workers.begin()
    async with asyncio.timeout(60):
        while len(client.app[ENGINE].workers.pids) < workers:
            await asyncio.sleep(0.02)
    return client


def config_without_servers(keys_dir: Path, engine_workers: int = 0) -> Config:
    """The AI's endpoints need neither PostgreSQL nor threads, and what is looked up no workers."""
    return Config(
        listen="127.0.0.1:0",
        keys_dir=keys_dir,
        postgres_url="postgresql://nobody@/nowhere?host=/nowhere",
        threads_url="unix:/nowhere/threads.sock",
        engine_workers=engine_workers,
    )


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    """Signs calls to the game service."""
    return Tokens(tmp_path, "game")


@pytest.fixture
def gateway(tokens: Tokens) -> dict[str, str]:
    """The headers of a call by the gateway, without a user."""
    return tokens.program("gateway")


@pytest.fixture
def ask(game: Client, gateway: dict[str, str]) -> Ask:
    """Posts a JSON body to the AI: status and decoded answer."""

    async def post(**body: Any) -> tuple[int, Any]:
        async with game.post("/api/tictactoe/move", json=body, headers=gateway) as response:
            return response.status, await response.json(content_type=None)

    return post


@pytest.fixture
async def table(tmp_path: Path, database_url: str, clean_redis_url: str) -> AsyncIterator[Table]:
    """ann and bob's thread, with a game service."""
    async with laid(tmp_path, database_url, clean_redis_url) as laid_table:
        await laid_table.start("game")
        yield laid_table
