"""Static files from memory, under the hash of their whole tree, so that browsers may cache them forever.

Modules import each other by relative paths, so one changed file gives all of them a new address. A module or style
sheet that a page starts with is served together with everything it imports: see bundler.py.
"""

import mimetypes
import time
from hashlib import sha256
from pathlib import Path, PurePosixPath

from aiohttp import web

from gateway.bundler import bundled, bundled_script
from gateway.packed_file import ASK_AGAIN, PackedFile, answer_with, packed_file
from shared.wire.problems import NotFound

PREFIX = "/static/"
WORKER = "js/worker/main.js"
_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
_LINKED = (".js", ".css")
_REREAD_AFTER_S = 0.3  # a page asks for dozens of addresses at once


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
        sources = {name: content.decode() for name, content in contents.items() if name.endswith(_LINKED)}
        if not self._reread:
            contents |= {name: text.encode() for name, text in bundled(sources).items()}
        elif WORKER in sources:  # a worker that imports modules is not for every browser
            contents[WORKER] = bundled_script(sources, WORKER).encode()
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
        """The file, or 304 for a client that has it. Raises NotFound."""
        self._follow()
        file = self.files.get(path)
        if file is None:
            raise NotFound
        return answer_with(request, file, _FOREVER if forever else ASK_AGAIN)


def _file(name: str, content: bytes) -> PackedFile:
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return packed_file(content, _TYPES.get(PurePosixPath(name).suffix, guessed))
