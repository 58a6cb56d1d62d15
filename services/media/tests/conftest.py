"""The real services on sockets."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.media.tests.desk import Desk, laid
from services.media.tests.s3_server import s3_server


@pytest.fixture(scope="session")
def s3_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server keeps, a directory for each bucket."""
    return tmp_path_factory.mktemp("s3")


@pytest.fixture(scope="session")
def s3_server_url(s3_directory: Path) -> Iterator[str]:
    """A real S3, without a bucket."""
    with s3_server(s3_directory) as url:
        yield url


@pytest.fixture
def s3_url(s3_server_url: str, s3_directory: Path) -> str:
    """A bucket for this test, as DUET_MEDIA_S3_URL takes it."""
    name = f"bucket-{len(list(s3_directory.iterdir()))}"
    (s3_directory / name).mkdir()
    return f"{s3_server_url}/{name}"


@pytest.fixture
async def desk(tmp_path: Path, database_url: str, clean_redis_url: str) -> AsyncIterator[Desk]:
    """ann and bob's thread, with a media service."""
    async with laid(tmp_path, database_url, clean_redis_url) as ready:
        await ready.start("media")
        yield ready
