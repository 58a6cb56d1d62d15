"""Calls that the gateway forwards for users: parse, call, serialize."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp import web

from services.media import file_names
from services.media.file_types import INLINE
from services.media.keys import DATABASE, FILES, NAMES, TRANSFERS, UPLOADS
from services.media.queries import attachments
from services.media.ranges import asked_for
from services.media.uploads import Upload
from shared.plumbing.http.web import calling_user, json_response, read_query
from shared.plumbing.pieces import pieces
from shared.wire.attachments import UploadQuery
from shared.wire.problems import NotFound

_PATIENCE_S = 30.0
"""The gateway has less with whoever sends; this ends what a gateway left behind."""

_YEAR_S = 365 * 24 * 3600
_HEADERS = {
    "Cache-Control": f"private, immutable, max-age={_YEAR_S}",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Accept-Ranges": "bytes",
}


async def upload(request: web.Request) -> web.Response:
    """POST /api/threads/{username}/attachments: 201 Attachment, 200 the same again; 403, 404, 409, 413, 422, 429."""
    user, asked = calling_user(request), read_query(request, UploadQuery)
    peer = await request.app[NAMES].peer(user, request.match_info["username"])
    received = Upload(user.id, peer, asked, request.content_length)
    body = pieces(request.content, _PATIENCE_S)
    with request.app[TRANSFERS].one():
        attachment, created = await request.app[UPLOADS].receive(received, body)
    return json_response(attachment, status=201 if created else 200)


async def whole(request: web.Request) -> web.StreamResponse:
    """GET /api/attachments/{id}: 200, or 206 for a range; 404."""
    return await _file(request, small=False)


async def small(request: web.Request) -> web.StreamResponse:
    """GET /api/attachments/{id}/small: a photo at 480 px; 404 for what is none."""
    return await _file(request, small=True)


async def _file(request: web.Request, *, small: bool) -> web.StreamResponse:
    async with request.app[DATABASE].connection() as conn:
        found = await attachments.readable(conn, request.match_info["id"], calling_user(request).id)
    if found is None or (small and found.small is None):
        raise NotFound("There is no such file")
    key, size = (found.small or "", found.small_size or 0) if small else (found.whole, found.size)
    part = asked_for(request.headers.get("Range"), size)
    start, stop = part or (0, size)
    response = web.StreamResponse(status=206 if part else 200, headers=_HEADERS)
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.headers["Content-Type"] = found.type
    response.headers["Content-Disposition"] = file_names.disposition(
        found.name, found.type, inline=found.type in INLINE
    )
    response.content_length = stop - start
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    with request.app[TRANSFERS].one():
        await _write(response, request, request.app[FILES].read(key, size, start, stop))
    return response


async def _write(
    response: web.StreamResponse, request: web.Request, file: AsyncGenerator[bytes, None]
) -> None:
    async with aclosing(file) as pieces_of_file:
        async for piece in pieces_of_file:
            if not response.prepared:  # only now, so that a blob that is away is a problem
                await response.prepare(request)
            await response.write(piece)
