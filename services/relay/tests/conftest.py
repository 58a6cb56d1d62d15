"""cluster: auth, threads, relay-1 and relay-2, with ann and bob signed up."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.relay.tests.cluster import Cluster
from services.relay.tests.cluster import cluster as start


@pytest.fixture
async def cluster(database_url: str, clean_redis_url: str) -> AsyncIterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="duet-relay-") as directory:  # short: it holds Unix sockets
        async with start(Path(directory), database_url, clean_redis_url) as opened:
            await opened.sign_up("ann", "bob")
            yield opened
