"""The service worker, and the page that it keeps for when there is no network: the chat without anybody's data.

What it keeps is named by a version, the digest of all of it. A worker finds the page of its own version or none.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

import aiohttp_jinja2
from aiohttp import web

from gateway.keys import STATIC
from gateway.linked_modules import CHUNKS
from gateway.packed_file import ASK_AGAIN, PackedFile, answer_with, packed_file
from gateway.security import WORKER_POLICY
from gateway.static_files import WORKER as SCRIPT
from shared.wire import codec
from shared.wire.problems import NotFound

_FILE = re.compile(r'"(/static/[^"]+)"')
_PICTURES = ("img/icon-192.png", "img/badge-96.png")  # of notices


class Made(NamedTuple):
    """What a browser keeps of one version."""

    version: str
    script: PackedFile
    shell: PackedFile


class Worker:
    """keep: False in development, where templates and files change."""

    def __init__(self, make: Callable[[], Made], *, keep: bool) -> None:
        self._make = make
        self._keep = keep
        self._made: Made | None = None

    def get(self) -> Made:
        if self._made is None or not self._keep:
            self._made = self._make()
        return self._made


WORKER = web.AppKey("worker", Worker)


async def script(request: web.Request) -> web.Response:
    """GET /sw.js: asked for with every page that is opened, so browsers find a new version at once."""
    response = answer_with(request, request.app[WORKER].get().script, ASK_AGAIN)
    response.headers["Content-Security-Policy"] = WORKER_POLICY
    response.headers["Service-Worker-Allowed"] = "/"
    return response


async def shell(request: web.Request) -> web.Response:
    """GET /shell/{version}: 404 for another version than the one that is served."""
    made = request.app[WORKER].get()
    if request.match_info["version"] != made.version:
        raise NotFound
    return answer_with(request, made.shell, ASK_AGAIN)


def make(app: web.Application) -> Made:
    """Everything that the worker is to know stands in front of its script."""
    files = app[STATIC]
    context: dict[str, Any] = {
        "page": "messages",
        "me": None,
        "peer": None,
        "open_thread": "",
        "preloaded": [],
    }
    page = aiohttp_jinja2.get_env(app).get_template("messages.html").render(context)
    chunks = [name for name in files.files if name.startswith(CHUNKS)]
    named = sorted({*_FILE.findall(page), *map(files.url, [*_PICTURES, *chunks])})
    source = files.files[SCRIPT].content
    version = sha256(page.encode() + source).hexdigest()[:12]
    pictures = dict(zip(("icon", "badge"), map(files.url, _PICTURES), strict=True))
    knows = {"version": version, "shell": f"/shell/{version}", "files": named, **pictures}
    head = b"const DUET = %s;\n" % codec.encode(knows)
    return Made(
        version,
        packed_file(head + source, "text/javascript; charset=utf-8"),
        packed_file(page.encode(), "text/html; charset=utf-8"),
    )
