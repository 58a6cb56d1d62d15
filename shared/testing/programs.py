"""Programs in the test's own process, each on a socket of its own; started and stopped by name."""

from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from shared.plumbing.app import listen
from shared.plumbing.transport.address import Address


class Programs:
    """directory: of the sockets. What a name stands for, `_build` says."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._runners: dict[str, web.AppRunner] = {}
        self._http: dict[str, aiohttp.ClientSession] = {}

    def _build(self, name: str, settings: dict[str, Any]) -> web.Application:
        """settings: as fields of its Config, on top of what it is told always."""
        raise NotImplementedError

    async def start(self, name: str, **settings: Any) -> None:
        runner = web.AppRunner(self._build(name, settings), access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await listen(runner, Address(path=self.path(name)))
        self._runners[name] = runner
        self.join(name)

    async def stop(self, name: str) -> None:
        await self.leave(name)
        await self._runners.pop(name).cleanup()

    async def close(self) -> None:
        """Stops those that still run, the last one first."""
        for name in reversed(list(self._runners)):
            await self.stop(name)

    def app(self, name: str) -> web.Application:
        """Of a program that was started here."""
        return self._runners[name].app

    def join(self, name: str) -> None:
        """Connections to a program, whoever started it."""
        connector = aiohttp.UnixConnector(self.path(name), limit=0)
        self._http[name] = aiohttp.ClientSession("http://duet.internal", connector=connector)

    async def leave(self, name: str) -> None:
        await self._http.pop(name).close()

    def path(self, name: str) -> str:
        return str(self.directory / f"{name}.sock")
