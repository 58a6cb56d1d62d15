"""A listener that makes something of its own of each connection, in front of aiohttp's application."""

import asyncio
from typing import Any

from aiohttp import web


class FrontServer(web.Server):
    """aiohttp's server of `app`. A subclass says in `__call__` what becomes of a connection."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        super().__init__(app._handle, request_factory=app._make_request, **options)  # type: ignore[arg-type]
        self._app = app


class FrontRunner(web.AppRunner):
    """Runs an application behind the server that a subclass names."""

    server_of: type[FrontServer]

    async def _make_server(self) -> web.Server:
        await super()._make_server()  # starts the application
        return self.server_of(self.app, loop=asyncio.get_running_loop(), **self._kwargs)
