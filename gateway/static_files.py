"""Static files from memory, under the hash of their whole tree, so that browsers may cache them forever.

Modules import each other by relative paths, so one changed file gives all of them a new address. A module or style
sheet that a page starts with is served together with everything it imports: see bundler.py.
"""

import gzip
import mimetypes
import time
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from aiohttp import web

from gateway.bundler import bundled
from shared.wire.problems import NotFound

PREFIX = "/static/"
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
_LINKED = (".js", ".css")
_MIN_GZIP_BYTES = 200
_REREAD_AFTER_S = 0.3  # a page asks for dozens of addresses at once


class File(NamedTuple):
    """content_type: whole. packed: gzip, if that is smaller."""

    content: bytes
    packed: bytes | None
    content_type: str
    etag: str


class StaticFiles:
    """A directory, read at the start. In development it is reread for every page and file, and not bundled.

    Raises BundleError at the start.
    """

    def __init__(self, directory: Path, *, reread: bool = False) -> None:
        self._directory = directory
        self._reread = reread
        self._read()

    def _follow(self) -> None:
        if self._reread and time.monotonic() - self._read_at > _REREAD_AFTER_S:
            self._read()

    def _read(self) -> None:
        self._read_at = time.monotonic()
        paths = [path for path in sorted(self._directory.rglob("*")) if path.is_file()]
        contents = {path.relative_to(self._directory).as_posix(): path.read_bytes() for path in paths}
        if not self._reread:
            sources = {name: content.decode() for name, content in contents.items() if name.endswith(_LINKED)}
            contents |= {name: text.encode() for name, text in bundled(sources).items()}
        self.files = {name: _file(name, content) for name, content in contents.items()}
        tree = sha256()
        for name, file in self.files.items():
            tree.update(f"{name}\0{file.etag}\0".encode())
        self.hash = tree.hexdigest()[:12]

    def url(self, path: str) -> str:
        """The address of a file, for templates. Raises KeyError for one that does not exist."""
        self._follow()
        if path not in self.files:
            raise KeyError(f"no static file {path}")
        return f"{PREFIX}{self.hash}/{path}"

    def answer(self, request: web.Request, path: str, *, forever: bool) -> web.Response:
        """The file, gzipped for clients that accept it; 304 for those that have it. Raises NotFound."""
        self._follow()
        file = self.files.get(path)
        if file is None:
            raise NotFound
        headers = {
            "ETag": file.etag,
            "Vary": "Accept-Encoding",
            "Cache-Control": _FOREVER if forever else _ASK_AGAIN,
            "Content-Type": file.content_type,
        }
        if file.etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        if file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=file.packed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=file.content, headers=headers)


def _file(name: str, content: bytes) -> File:
    packed = gzip.compress(content, 9, mtime=0) if len(content) >= _MIN_GZIP_BYTES else content
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return File(
        content=content,
        packed=packed if len(packed) < len(content) else None,
        content_type=_TYPES.get(PurePosixPath(name).suffix, guessed),
        etag=f'"{sha256(content).hexdigest()[:16]}"',
    )
