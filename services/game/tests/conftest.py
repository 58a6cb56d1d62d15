"""The real app on a socket, and the tokens of those who may call it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from services.game.app import build
from services.game.config import Config
from services.game.tests.table import Table, laid
from shared.testing.tokens import Tokens

Client = TestClient[web.Request, web.Application]
Ask = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
async def game(aiohttp_client: Any, tmp_path: Path) -> Client:
    """A client of a running game service that has presented nothing."""
    client: Client = await aiohttp_client(build(config_without_servers(tmp_path)))
    return client


def config_without_servers(keys_dir: Path) -> Config:
    """The AI's endpoints need neither PostgreSQL nor threads."""
    return Config(
        listen="127.0.0.1:0",
        keys_dir=keys_dir,
        postgres_url="postgresql://nobody@/nowhere?host=/nowhere",
        threads_url="unix:/nowhere/threads.sock",
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
