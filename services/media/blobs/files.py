"""What blobs hold: read from a store and opened."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import structlog

from services.media.blobs.sealing import HEAD_BYTES, Damaged, Keys, Seal, chunks, covering, place
from services.media.blobs.store import Missing, Store
from shared.wire.problems import Unavailable

log = structlog.get_logger()


class Files:
    """The blobs of one installation."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self.store = store
        self._keys = keys

    async def read(self, key: str, size: int, start: int, stop: int) -> AsyncGenerator[bytes, None]:
        """The bytes from start to stop of a blob of `size` bytes. Raises Unavailable if it is away or damaged."""
        try:
            async with aclosing(self._read(key, size, start, stop)) as parts:
                async for part in parts:
                    yield part
        except (Missing, Damaged) as error:
            log.error("a blob cannot be read", key=key, error=repr(error))
            raise Unavailable("That file cannot be read just now") from None

    async def _read(self, key: str, size: int, start: int, stop: int) -> AsyncGenerator[bytes, None]:
        wanted = list(covering(start, stop))
        begins, ends = place(wanted[0][0], size)[0], place(wanted[-1][0], size)[1]
        whole = begins == HEAD_BYTES
        head = b"" if whole else await self._exactly(self.store.read(key, 0, HEAD_BYTES), HEAD_BYTES)
        source = Pieces(self.store.read(key, 0 if whole else begins, ends))
        try:
            seal = Seal(self._keys, head or await source.exactly(HEAD_BYTES))
            for number, part in wanted:
                sealed_from, sealed_to = place(number, size)
                sealed = await source.exactly(sealed_to - sealed_from)
                yield seal.open(number, sealed, last=number == chunks(size) - 1)[part]
        finally:
            await source.close()

    async def _exactly(self, pieces: AsyncIterator[bytes], count: int) -> bytes:
        source = Pieces(pieces)
        try:
            return await source.exactly(count)
        finally:
            await source.close()


class Pieces:
    """Pieces of any size as a source of bytes."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    async def exactly(self, count: int) -> bytes:
        """Raises Damaged if it ends before."""
        parts, missing = [self._rest], count - len(self._rest)
        while missing > 0:
            piece = await anext(self._pieces, None)
            if piece is None:
                raise Damaged("it ends too early")
            parts.append(piece)
            missing -= len(piece)
        found = b"".join(parts)
        self._rest = found[count:]
        return found[:count]

    async def close(self) -> None:
        """Gives up the rest."""
        close = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()
