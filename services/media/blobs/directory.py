"""Blobs as files of a directory, by their digest in two levels."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from services.media.blobs.store import Missing

_PIECE_BYTES = 64 * 1024


class Directory:
    """The files of `root`: 0600, in directories of 0700."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """Where a blob is."""
        return path_in(self._root, key)

    async def put(self, key: str, file: Path) -> None:
        await asyncio.to_thread(self._put, key, file)

    def _put(self, key: str, file: Path) -> None:
        """The name appears once the content is on the disk, and stays once this returns."""
        target = self.path(key)
        made = [each for each in (target.parent, target.parent.parent) if not each.exists()]
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(file)
        file.replace(target)
        for directory in (target.parent, *(each.parent for each in made)):
            _sync(directory)

    async def read(self, key: str, start: int, stop: int) -> AsyncIterator[bytes]:
        try:
            descriptor = os.open(self.path(key), os.O_RDONLY)
        except FileNotFoundError:
            raise Missing(key) from None
        try:
            while start < stop:
                piece = await asyncio.to_thread(os.pread, descriptor, min(_PIECE_BYTES, stop - start), start)
                if not piece:
                    return
                start += len(piece)
                yield piece
        finally:
            os.close(descriptor)

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(self.path(key).unlink, missing_ok=True)

    async def listing(self) -> AsyncIterator[str]:
        for path in await asyncio.to_thread(lambda: list(self._root.glob("??/??/*"))):
            yield path.name

    async def check(self) -> str:
        return "ok" if os.access(self._root, os.W_OK) else "degraded"


def path_in(root: Path, key: str) -> Path:
    """Where a blob is in such a directory."""
    return root / key[:2] / key[2:4] / key


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
