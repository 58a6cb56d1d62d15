"""The real app on real servers. `auth` has its limits off; `limited_auth` has them on.

Hashes are made with the least memory, but for the tests that ask for `real_hashes`: they were half of the time.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from services.auth import hashing
from services.auth.app import build
from services.auth.config import Config
from services.auth.tests.driver import Driver
from shared.testing.tokens import Tokens

Start = Callable[..., Awaitable[Driver]]


@pytest.fixture
def real_hashes() -> None:
    """For what is about the hashes themselves, or about how long they take."""


@pytest.fixture(autouse=True)
def _cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_hashes" not in request.fixturenames:
        monkeypatch.setattr(hashing, "MEMORY_KIB", 8)
        monkeypatch.setattr(hashing, "ITERATIONS", 1)


@pytest.fixture
def start_auth(aiohttp_client: Any, tmp_path: Path, database_url: str, clean_redis_url: str) -> Start:
    """Starts an auth service; settings may be given. All of a test share the database and the keys."""

    async def start(**settings: Any) -> Driver:
        defaults = {
            "listen": "127.0.0.1:0",
            "keys_dir": tmp_path / "keys",
            "postgres_url": database_url,
            "redis_url": clean_redis_url,
            "rate_limits": "off",
        }
        client = await aiohttp_client(build(Config(**{**defaults, **settings})))
        return Driver(client, Tokens(tmp_path / "keys", "auth"))

    return start


@pytest.fixture
async def auth(start_auth: Start) -> Driver:
    return await start_auth()


@pytest.fixture
async def limited_auth(start_auth: Start) -> Driver:
    return await start_auth(rate_limits="on")
