"""Blobs in a bucket of any S3."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import aiohttp
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError

from services.media.blobs.store import Missing
from shared.wire.problems import Unavailable

_PIECE_BYTES = 64 * 1024
_MISSING = ("NoSuchKey", "404")
_CONFIG = AioConfig(
    connect_timeout=2,
    read_timeout=10,
    retries={"max_attempts": 2, "mode": "standard"},
    # What others than Amazon offer as S3 knows no checksums at the end of a body.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    s3={"addressing_style": "path"},
)


class Bucket:
    """The blobs of one bucket, under their keys."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    async def put(self, key: str, file: Path) -> None:
        with _in_our_terms(key), file.open("rb") as body:
            await self._client.put_object(
                Bucket=self._name, Key=key, Body=body, ContentLength=file.stat().st_size
            )

    async def read(self, key: str, start: int, stop: int) -> AsyncIterator[bytes]:
        with _in_our_terms(key):
            answer = await self._client.get_object(
                Bucket=self._name, Key=key, Range=f"bytes={start}-{stop - 1}"
            )
            async with answer["Body"] as body:
                async for piece in body.iter_chunks(_PIECE_BYTES):
                    yield piece

    async def delete(self, key: str) -> None:
        with _in_our_terms(key), contextlib.suppress(Missing):
            await self._client.delete_object(Bucket=self._name, Key=key)

    async def listing(self) -> AsyncIterator[str]:
        with _in_our_terms(""):
            async for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name):
                for found in page.get("Contents", ()):
                    yield found["Key"]

    async def check(self) -> str:
        try:
            with _in_our_terms(""):
                await self._client.head_bucket(Bucket=self._name)
        except (Missing, Unavailable):
            return "degraded"
        return "ok"


@contextlib.asynccontextmanager
async def bucket(url: str) -> AsyncIterator[Bucket]:
    """url: `https://id:key@host/bucket?region=…`."""
    parts = urlsplit(url)
    region = parse_qs(parts.query).get("region", ["us-east-1"])[0]
    host = parts.netloc.rpartition("@")[2]
    async with get_session().create_client(
        "s3",
        endpoint_url=f"{parts.scheme}://{host}",
        region_name=region,
        aws_access_key_id=unquote(parts.username or ""),
        aws_secret_access_key=unquote(parts.password or ""),
        config=_CONFIG,
    ) as client:
        yield Bucket(client, parts.path.strip("/"))


@contextlib.contextmanager
def _in_our_terms(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _MISSING:
            raise Missing(key) from None
        raise Unavailable("The store of files refuses") from error
    except (BotoCoreError, aiohttp.ClientError, TimeoutError) as error:
        raise Unavailable("The store of files does not answer") from error
