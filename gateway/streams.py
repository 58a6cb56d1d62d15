"""Calls through which a file goes: body and answer are passed on in pieces, and none is ever in memory whole."""

import asyncio
import contextlib
import re

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.admission import admit_login
from gateway.forward import head_for
from gateway.keys import REQUEST_ID, SITE, UPSTREAMS
from gateway.route import Route
from gateway.security import add_missing, document_headers
from gateway.streamed_call import Answer, Body, call
from shared.contract.operation import File
from shared.plumbing.http.head import NotHttpError, body_length
from shared.plumbing.http.rpc import refuse_mistrust
from shared.plumbing.pieces import PIECE_BYTES, BrokenOff, pieces
from shared.wire.problems import TooSlow, Unavailable

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
    body = Body(request) if route.body is File else None
    answer = await call(route.service, request.app[UPSTREAMS][route.service].address, head, body)
    try:
        refuse_mistrust(route.service, answer.headers)
        response = await _pass_back(request, answer)
    finally:
        answer.close()
    await _discard(request)
    return response


async def _discard(request: web.Request) -> None:
    """What is still to come of the body."""
    with contextlib.suppress(TimeoutError, TooSlow, BrokenOff):
        async with asyncio.timeout(_DISCARD_FOR_S):
            async for _ in pieces(request.content):
                pass


async def _pass_back(request: web.Request, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status)
    for name in _PASSED_BACK:
        if (value := answer.headers.get(name.lower().encode())) is not None:
            response.headers[name] = value.decode("latin-1")
    add_missing(response, document_headers(request.app[SITE]))
    response.headers["X-Request-Id"] = request[REQUEST_ID]
    try:
        left = body_length(answer.status, answer.headers)
    except NotHttpError as error:
        raise Unavailable("Files are not available just now") from error
    response.content_length = left
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        while left:
            async with asyncio.timeout(_PIECE_WITHIN_S):
                piece = await answer.reader.read(min(PIECE_BYTES, left))
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
