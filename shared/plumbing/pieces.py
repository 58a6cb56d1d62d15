"""A body in pieces, for those that must never be in memory whole."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import ClientError, StreamReader
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from shared.wire.problems import Malformed, TooSlow

PIECE_BYTES = 64 * 1024
PIECE_WITHIN_S = 8.0
"""So a body may take as long as it likes, at 8 KiB a second or more."""


class BrokenOff(Malformed):
    """A body that ended before its end, or is not well-formed. There is mostly nobody left to tell."""


async def pieces(body: StreamReader, within_s: float = PIECE_WITHIN_S) -> AsyncIterator[bytes]:
    """All of it; only the last piece is smaller. Raises TooSlow, BrokenOff."""
    while not body.at_eof():
        try:
            async with asyncio.timeout(within_s):
                piece = await body.readexactly(PIECE_BYTES)
        except asyncio.IncompleteReadError as end:
            piece = end.partial
        except TimeoutError:
            raise TooSlow("The body of the request comes too slowly, or no more") from None
        except (RequestPayloadError, HttpProcessingError, ClientError, ConnectionError):
            raise BrokenOff("The body of the request broke off") from None
        if piece:
            yield piece
