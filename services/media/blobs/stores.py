"""The store that the settings say."""

import contextlib
from collections.abc import AsyncIterator

from services.media.blobs.directory import Directory
from services.media.blobs.store import Store
from services.media.config import Config


@contextlib.asynccontextmanager
async def store(config: Config) -> AsyncIterator[Store]:
    """A bucket if there is one, else a directory. The library of the former is loaded only for it."""
    if not config.media_s3_url:
        yield Directory(config.directory)
        return
    from services.media.blobs.s3 import bucket

    async with bucket(config.media_s3_url) as opened:
        yield opened
