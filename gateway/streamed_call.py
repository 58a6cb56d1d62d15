"""A call through which a file goes, as far as the head of its answer: the body is sent in pieces.

Each has a connection of its own: a kept-alive one would hold up others for as long as the slowest line takes. Whoever
is being replaced may refuse it or break it off; then it is made again, as long as there is all of the body to send.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

from aiohttp import web

from gateway.security import OddRequest
from shared.plumbing.http.client import RETRY_PAUSES_S
from shared.plumbing.http.head import NotHttpError, read_answer
from shared.plumbing.pieces import PIECE_BYTES, PIECE_WITHIN_S, BrokenOff, pieces
from shared.plumbing.transport import tls
from shared.plumbing.transport.address import Address
from shared.wire.problems import Unavailable

BODY_PIECE_WITHIN_S = PIECE_WITHIN_S
_CONNECT_WITHIN_S = 2.0
_ANSWER_WITHIN_S = 90.0
"""Once the body is there: a photo may have to wait for its turn."""

_Head = tuple[int, dict[bytes, bytes]]


class Body:
    """What a browser sends. can_go_again: whether it can be sent from its beginning, as a piece at most was taken."""

    def __init__(self, request: web.Request) -> None:
        self.has_length = request.content_length is not None
        self._rest = pieces(request.content, BODY_PIECE_WITHIN_S)
        self._taken: list[bytes] = []
        self.can_go_again = True

    async def pieces(self) -> AsyncIterator[bytes]:
        """From its beginning. Raises TooSlow, OddRequest."""
        for piece in self._taken:
            yield piece
        try:
            async for piece in self._rest:
                self.can_go_again = not self._taken
                self._taken = [piece]
                yield piece
        except BrokenOff as error:
            raise OddRequest(error.detail) from None


class Answer(NamedTuple):
    """Its body is still to be read. Close it."""

    status: int
    headers: dict[bytes, bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def close(self) -> None:
        self.writer.transport.abort()


async def call(program: str, address: Address, head: bytes, body: Body | None) -> Answer:
    """One that bears being made twice, as those do. Raises TooSlow, OddRequest, Unavailable."""
    for pause_s in (*RETRY_PAUSES_S, None):
        try:
            return await _call(program, address, head, body)
        except (OSError, asyncio.IncompleteReadError) as error:
            if pause_s is None or not (body is None or body.can_go_again):
                raise Unavailable(f"{program} does not answer") from error
        await asyncio.sleep(pause_s)
    raise AssertionError("the last pause is None")


async def _call(program: str, address: Address, head: bytes, body: Body | None) -> Answer:
    """Raises what `call` does; OSError and IncompleteReadError where nobody answers."""
    reader, writer = await _connect(address)
    head_of_answer = asyncio.create_task(_read_head(reader))
    try:
        writer.write(head)
        if body is not None:
            await _send(body, writer, head_of_answer)
        return Answer(*await _in_time(program, head_of_answer), reader, writer)
    except BaseException:
        writer.transport.abort()
        raise
    finally:
        head_of_answer.cancel()


async def _connect(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Raises OSError, of which TimeoutError is one."""
    async with asyncio.timeout(_CONNECT_WITHIN_S):
        if address.path:
            return await asyncio.open_unix_connection(address.path, limit=PIECE_BYTES)
        return await asyncio.open_connection(
            address.host, address.port, limit=PIECE_BYTES, **tls.towards(address)
        )


async def _send(body: Body, writer: asyncio.StreamWriter, answer: "asyncio.Task[_Head]") -> None:
    """Until the service answers: it may do so before the end. Raises TooSlow, OddRequest."""
    async for piece in body.pieces():
        if answer.done():
            return
        writer.write(piece if body.has_length else b"%x\r\n%b\r\n" % (len(piece), piece))
        with contextlib.suppress(ConnectionError):  # it has answered, then, or is gone
            await writer.drain()
    if not body.has_length:
        writer.write(b"0\r\n\r\n")


async def _read_head(reader: asyncio.StreamReader) -> _Head:
    head = await reader.readuntil(b"\r\n\r\n")
    return read_answer(head[:-4])


async def _in_time(program: str, answer: "asyncio.Task[_Head]") -> _Head:
    """Raises Unavailable; OSError and IncompleteReadError where nobody answers."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            return await answer
    except (asyncio.LimitOverrunError, NotHttpError, TimeoutError) as error:
        raise Unavailable(f"{program} does not answer") from error
