"""What a blob store can do. Keys are SHA-256 digests in hex: of what lies under them, which never changes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol


class Missing(Exception):
    """There is no such blob."""


class Store(Protocol):
    """A directory (directory.py) or an S3 (s3.py)."""

    async def put(self, key: str, file: Path) -> None:
        """Keeps a sealed file for good; it may be moved away. Raises Unavailable, OSError."""

    def read(self, key: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes from start to stop, in pieces of any size. Raises Missing, Unavailable."""

    async def delete(self, key: str) -> None:
        """There or not. Raises Unavailable, OSError."""

    def listing(self) -> AsyncIterator[str]:
        """The keys of all blobs. Raises Unavailable."""

    async def check(self) -> str:
        """For readiness."""
