"""A site of the web on loopback, as nobody should meet one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Self

from aiohttp import web

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]
HTML = "text/html; charset=utf-8"


def page(head: str, status: int = 200, **headers: str) -> Page:
    """A page with this head."""

    async def answer(_: web.Request) -> web.Response:
        told = {"Content-Type": HTML, **{name.replace("_", "-"): said for name, said in headers.items()}}
        return web.Response(body=f"<!doctype html><head>{head}</head>".encode(), status=status, headers=told)

    return answer


def redirect(to: str) -> Page:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": to})

    return answer


class Site:
    """pages: what is at each path. asked: the paths and headers of what was asked for, in order."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.address = ""
        self.over = asyncio.Event()

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def link(self, path: str = "/") -> str:
        return f"http://{self.address}{path}"

    async def stream(self, request: web.Request, piece: bytes, pause_s: float) -> web.StreamResponse:
        """A body without an end."""
        answer = web.StreamResponse(headers={"Content-Type": HTML})
        await answer.prepare(request)
        while not self.over.is_set():
            await answer.write(piece)
            await asyncio.sleep(pause_s)
        return answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, dict(request.headers)))
        return await self.pages.get(request.path, page("", 404))(request)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            self.over.set()
            await runner.cleanup()
