"""cluster: auth, threads, relay-1 and relay-2, with ann and bob signed up, under uvloop as in production."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvloop

from services.relay.tests.cluster import Cluster, hash_cheaply
from services.relay.tests.cluster import cluster as start


def pytest_asyncio_loop_factories() -> dict[str, Any]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


@pytest.fixture
async def cluster(database_url: str, clean_redis_url: str) -> AsyncIterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="duet-relay-") as directory:  # short: it holds Unix sockets
        async with start(Path(directory), database_url, clean_redis_url) as opened:
            await opened.sign_up("ann", "bob")
            yield opened
