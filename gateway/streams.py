"""Calls through which a file goes: body and answer are passed on in pieces, and none is ever in memory whole.

Each has a connection of its own: a kept-alive one would hold up others for as long as the slowest line takes.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.admission import admit_login
from gateway.forward import head_for
from gateway.keys import REQUEST_ID, SITE, UPSTREAMS
from gateway.route import Route
from gateway.security import OddRequest, add_missing, document_headers
from shared.contract.operation import File
from shared.plumbing.http.head import NotHttpError, body_length, read_answer
from shared.plumbing.http.rpc import refuse_mistrust
from shared.plumbing.pieces import PIECE_BYTES, PIECE_WITHIN_S, BrokenOff, pieces
from shared.plumbing.transport import tls
from shared.plumbing.transport.address import Address
from shared.wire.problems import TooSlow, Unavailable

BODY_PIECE_WITHIN_S = PIECE_WITHIN_S
_CONNECT_WITHIN_S = 2.0
_ANSWER_WITHIN_S = 90.0
"""Once the body is there: a photo may have to wait for its turn."""

_PIECE_WITHIN_S = 10.0
_DISCARD_FOR_S = 20.0
"""A browser looks for an answer only once it has sent all, so what it still sends is taken, for so long."""

_RANGE = re.compile(r"bytes=[0-9]*-[0-9]*")
_PASSED_BACK = (
    "Content-Type",
    "Content-Disposition",
    "Content-Range",
    "Content-Security-Policy",
    "Accept-Ranges",
    "Cache-Control",
    "Retry-After",
)


def streaming(route: Route) -> Handler:
    """The handler of a route through which a file goes."""

    async def stream_route(request: web.Request) -> web.StreamResponse:
        return await stream(request, route)

    return stream_route


async def stream(request: web.Request, route: Route) -> web.StreamResponse:
    """The service's answer. Raises Unauthenticated, RateLimited, TooSlow, Unavailable."""
    login = await admit_login(request, route.limit)
    more = [("Connection", "close")]
    if route.body is File:
        length = request.content_length
        more.append(("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length)))
    if _RANGE.fullmatch(request.headers.get("Range", "")):
        more.append(("Range", request.headers["Range"]))
    head = head_for(request, route.service, f"{request.method} {request.rel_url.raw_path_qs}", login, more)
    async with _connection(request.app[UPSTREAMS][route.service].address) as (reader, writer):
        writer.write(head)
        answer = asyncio.create_task(_head(reader))
        try:
            if route.body is File:
                await _send(request, writer, answer)
            status, headers = await _answered(answer, route.service)
        finally:
            answer.cancel()
        refuse_mistrust(route.service, headers)
        response = await _pass_back(request, reader, status, headers)
    await _discard(request)
    return response


@contextlib.asynccontextmanager
async def _connection(address: Address) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Raises Unavailable."""
    try:
        async with asyncio.timeout(_CONNECT_WITHIN_S):
            if address.path:
                reader, writer = await asyncio.open_unix_connection(address.path, limit=PIECE_BYTES)
            else:
                reader, writer = await asyncio.open_connection(
                    address.host, address.port, limit=PIECE_BYTES, **tls.towards(address)
                )
    except (OSError, TimeoutError) as error:
        raise Unavailable("Files are not available just now") from error
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _send(
    request: web.Request, writer: asyncio.StreamWriter, answer: "asyncio.Task[tuple[int, dict[bytes, bytes]]]"
) -> None:
    """Sends the body, until the service answers: it may do so before the end. Raises TooSlow, OddRequest."""
    chunked = request.content_length is None
    try:
        async for piece in pieces(request.content, BODY_PIECE_WITHIN_S):
            if answer.done():
                return
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            with contextlib.suppress(ConnectionError):  # it has answered, then, or is gone
                await writer.drain()
        if chunked:
            writer.write(b"0\r\n\r\n")
    except BrokenOff as error:
        raise OddRequest(error.detail) from None


async def _discard(request: web.Request) -> None:
    """What is still to come of the body."""
    with contextlib.suppress(TimeoutError, TooSlow, BrokenOff):
        async with asyncio.timeout(_DISCARD_FOR_S):
            async for _ in pieces(request.content, BODY_PIECE_WITHIN_S):
                pass


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[bytes, bytes]]:
    head = await reader.readuntil(b"\r\n\r\n")
    return read_answer(head[:-4])


async def _answered(
    answer: "asyncio.Task[tuple[int, dict[bytes, bytes]]]", service: str
) -> tuple[int, dict[bytes, bytes]]:
    """Raises Unavailable."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            return await answer
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, NotHttpError, OSError, TimeoutError) as e:
        raise Unavailable(f"{service} does not answer") from e


async def _pass_back(
    request: web.Request, reader: asyncio.StreamReader, status: int, headers: dict[bytes, bytes]
) -> web.StreamResponse:
    response = web.StreamResponse(status=status)
    for name in _PASSED_BACK:
        if (value := headers.get(name.lower().encode())) is not None:
            response.headers[name] = value.decode("latin-1")
    add_missing(response, document_headers(request.app[SITE]))
    response.headers["X-Request-Id"] = request[REQUEST_ID]
    try:
        left = body_length(status, headers)
    except NotHttpError as error:
        raise Unavailable("Files are not available just now") from error
    response.content_length = left
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        while left:
            async with asyncio.timeout(_PIECE_WITHIN_S):
                piece = await reader.read(min(PIECE_BYTES, left))
            if not piece:
                raise ConnectionError("the file breaks off")
            left -= len(piece)
            await response.write(piece)
        await response.write_eof()
    except (OSError, TimeoutError):
        if (
            request.transport is not None
        ):  # a length was promised: only the end of the connection can take it back
            request.transport.abort()
    return response
