"""A town in which ann, bob and eve live."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from services.notify.tests.site import Site
from services.notify.tests.town import Town, hash_cheaply
from shared.testing.push_service import PushService


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[PushService]:
    """A push service; a test fails if it got anything that it could not read."""
    async with PushService(tmp_path).running() as running:
        yield running
    assert running.complaints == []


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site that people's links lead to."""
    async with Site().running() as running:
        yield running


@pytest.fixture
async def town(
    tmp_path: Path, database_url: str, clean_redis_url: str, service: PushService, site: Site
) -> AsyncIterator[Town]:
    made = Town(tmp_path, database_url, clean_redis_url, service, site)
    for name in ("auth", "threads", "notify"):
        await made.start(name)
    made.sql = await asyncpg.connect(database_url)
    await made.sign_up("ann", "bob", "eve")
    await made.begun()
    yield made
    await made.sql.close()
    await made.close()
