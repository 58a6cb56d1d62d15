"""An answer made in advance: gzipped once, under a tag by which a client knows that it has it already."""

import gzip
from hashlib import sha256
from typing import NamedTuple

from aiohttp import web

ASK_AGAIN = "no-cache"
"""A Cache-Control: keep it, and ask each time whether it is still the same."""
_MIN_GZIP_BYTES = 200


class PackedFile(NamedTuple):
    """content_type: whole. packed: gzip, if that is smaller."""

    content: bytes
    packed: bytes | None
    content_type: str
    etag: str


def packed_file(content: bytes, content_type: str) -> PackedFile:
    """`content` with its tag and what is sent to clients that accept gzip."""
    packed = gzip.compress(content, 9, mtime=0) if len(content) >= _MIN_GZIP_BYTES else content
    return PackedFile(
        content=content,
        packed=packed if len(packed) < len(content) else None,
        content_type=content_type,
        etag=f'"{sha256(content).hexdigest()[:16]}"',
    )


def answer_with(request: web.Request, file: PackedFile, cache_control: str) -> web.Response:
    """The file, gzipped for clients that accept it; 304 for those that have it."""
    headers = {
        "ETag": file.etag,
        "Vary": "Accept-Encoding",
        "Cache-Control": cache_control,
        "Content-Type": file.content_type,
    }
    if file.etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    if file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=file.packed, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=file.content, headers=headers)
