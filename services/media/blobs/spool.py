"""Blobs in the making: sealed while they come in, each in a file that goes with its block unless a store takes it."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from services.media.blobs.sealing import CHUNK_BYTES, Keys, Seal, chunks, place, sealed_size

UNTOUCHED_FOR_S = 3600.0
"""Nobody goes on with such a file: an upload whose next piece is half a minute late ends, no store takes longer."""

_LOOK_EVERY_S = 600.0


class Spool:
    """path: of the sealed file. size: bytes so far. key, digest: of the sealed file and of what it holds, once whole.

    Writing and sealing are done in a thread: a disk may take its time.
    """

    def __init__(self, path: Path, keys: Keys) -> None:
        self.path = path
        self.size = 0
        self._seal = Seal(keys)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._sealed, self._plain = sha256(), sha256()
        self._rest = b""
        self._number = 0
        self._append(self._seal.head)

    @property
    def key(self) -> str:
        return self._sealed.hexdigest()

    @property
    def digest(self) -> bytes:
        return self._plain.digest()

    @property
    def sealed_size(self) -> int:
        return sealed_size(self.size)

    async def write(self, piece: bytes) -> None:
        """Raises OSError."""
        self.size += len(piece)
        self._rest += piece
        if len(self._rest) > CHUNK_BYTES:  # not the last, whatever comes
            await asyncio.to_thread(self._write_chunks)

    async def finish(self) -> None:
        """It is whole, and not empty."""
        await asyncio.to_thread(self._write_chunk, self._rest, True)
        self._rest = b""

    def _write_chunks(self) -> None:
        while len(self._rest) > CHUNK_BYTES:
            chunk, self._rest = self._rest[:CHUNK_BYTES], self._rest[CHUNK_BYTES:]
            self._write_chunk(chunk, False)

    def _write_chunk(self, chunk: bytes, last: bool) -> None:
        self._plain.update(chunk)
        self._append(self._seal.close(self._number, chunk, last=last))
        self._number += 1

    def _append(self, sealed: bytes) -> None:
        self._sealed.update(sealed)
        while sealed:
            sealed = sealed[os.write(self._descriptor, sealed) :]

    async def chunks(self) -> AsyncIterator[bytes]:
        """What was written, once it is whole."""
        for number in range(chunks(self.size)):
            yield await asyncio.to_thread(self.chunk, number)

    async def ends(self) -> tuple[bytes, bytes]:
        """The first chunk, and the last 64 KiB or more, once it is whole."""
        count = chunks(self.size)
        wanted = [0, *range(max(0, count - 2), count)]
        first, *last = [await asyncio.to_thread(self.chunk, number) for number in wanted]
        return first, b"".join(last)

    def chunk(self, number: int) -> bytes:
        """One chunk of it."""
        start, stop = place(number, self.size)
        sealed = os.pread(self._descriptor, stop - start, start)
        return self._seal.open(number, sealed, last=number == chunks(self.size) - 1)

    def close(self) -> None:
        os.close(self._descriptor)
        self.path.unlink(missing_ok=True)


class Spools:
    """directory: on the file system of the store, and of other processes of media that serve from it."""

    def __init__(self, directory: Path, keys: Keys) -> None:
        self._directory = directory
        self._keys = keys
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def clean(self) -> None:
        """Removes what processes that died have left there, until it is cancelled."""
        while True:
            await asyncio.to_thread(self.remove_leftovers, UNTOUCHED_FOR_S)
            await asyncio.sleep(_LOOK_EVERY_S)

    def remove_leftovers(self, untouched_for_s: float) -> None:
        """By age alone: another process may have begun the others, and go on with them."""
        before = time.time() - untouched_for_s
        for path in self._directory.iterdir():
            with contextlib.suppress(FileNotFoundError):  # a store has just taken it
                if path.stat().st_ctime <= before:
                    path.unlink()

    @contextlib.contextmanager
    def one(self) -> Iterator[Spool]:
        """Raises OSError."""
        spool = Spool(self._directory / token_hex(16), self._keys)
        try:
            yield spool
        finally:
            spool.close()
