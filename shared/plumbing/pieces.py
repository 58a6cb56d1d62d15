"""A body in pieces, for those that must never be in memory whole."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import StreamReader

from shared.wire.problems import TooSlow

PIECE_BYTES = 64 * 1024
PIECE_WITHIN_S = 8.0
"""So a body may take as long as it likes, at 8 KiB a second or more."""


async def pieces(body: StreamReader, within_s: float = PIECE_WITHIN_S) -> AsyncIterator[bytes]:
    """All of it; only the last piece is smaller. Raises TooSlow, and what the reader raises when it breaks off."""
    while not body.at_eof():
        try:
            async with asyncio.timeout(within_s):
                piece = await body.readexactly(PIECE_BYTES)
        except asyncio.IncompleteReadError as end:
            piece = end.partial
        except TimeoutError:
            raise TooSlow("The body of the request comes too slowly, or no more") from None
        if piece:
            yield piece
