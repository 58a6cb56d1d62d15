"""The real services on sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.media.tests.desk import Desk, laid


@pytest.fixture
async def desk(tmp_path: Path, database_url: str, clean_redis_url: str) -> AsyncIterator[Desk]:
    """ann and bob's thread, with a media service."""
    async with laid(tmp_path, database_url, clean_redis_url) as ready:
        await ready.start("media")
        yield ready
