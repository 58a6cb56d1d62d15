"""A program that ends behind a balancer: nobody who comes meanwhile is turned away."""

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from aiohttp import web

from shared.plumbing.app import build_app, listen, listeners, serve_runners
from shared.plumbing.http.client import HttpClient
from shared.plumbing.http.head import open_head
from shared.plumbing.http.web import json_response, open_to_all
from shared.plumbing.settings.config import BaseConfig
from shared.plumbing.transport.address import Address
from shared.testing.product import free_port
from shared.wire.problems import Unavailable

_FOR_EVER_S = 600.0
_DRAINING = "ends"
_STAYING = "stays"


class Balancer:
    """TCP, to the first program that its last look found ready."""

    def __init__(self, ports: dict[str, int]) -> None:
        self._ports = ports
        self._up: list[str] = []

    async def look(self) -> None:
        while True:
            self._up = [name for name, port in self._ports.items() if await self._is_ready(port)]
            await asyncio.sleep(0.01)

    async def until_up(self, *names: str) -> None:
        while self._up != list(names):
            await asyncio.sleep(0.01)

    @staticmethod
    async def _is_ready(port: int) -> bool:
        asking = HttpClient("any", Address(host="127.0.0.1", port=port))
        try:
            return (await asking.ask(open_head("/health/ready", "any"))).status == 200
        except Unavailable:
            return False
        finally:
            asking.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", self._ports[self._up[0]])
        await asyncio.gather(_copy(reader, there[1]), _copy(there[0], writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()


def program(name: str, served: Counter[str], keys: Path) -> web.Application:
    @open_to_all
    async def call(request: web.Request) -> web.Response:
        served[name] += 1
        return json_response({"by": name})

    return build_app("threads", BaseConfig(listen="x:1", keys_dir=keys), [web.post("/call", call)])


async def calls(port: int, served: Counter[str], *, kept: bool) -> None:
    """One after another, that nobody repeats, each over a connection of its own unless they are kept."""
    request = b"POST /call HTTP/1.1\r\nHost: any\r\nContent-Length: 0\r\n\r\n"
    client = HttpClient("any", Address(host="127.0.0.1", port=port))
    while True:
        assert (await client.ask(request, may_repeat=False)).status == 200
        served["answered"] += 1
        if not kept:
            client.close()
        await asyncio.sleep(0)


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


async def more(count: Callable[[], int], by: int = 20) -> None:
    await until(partial(lambda before: count() >= before + by, count()))


async def test_no_connect_and_no_call_is_lost_across_sigterm(tmp_path: Path) -> None:
    served: Counter[str] = Counter()
    ports = {_DRAINING: free_port(), _STAYING: free_port()}
    staying = web.AppRunner(program(_STAYING, served, tmp_path), access_log=None)
    await staying.setup()
    await listen(staying, Address(host="127.0.0.1", port=ports[_STAYING]))
    app, config = program(_DRAINING, served, tmp_path), BaseConfig(listen=f"127.0.0.1:{ports[_DRAINING]}")
    ending = asyncio.create_task(serve_runners(app, listeners(app, config), _FOR_EVER_S))
    balancer = Balancer(ports)
    looking = asyncio.create_task(balancer.look())
    front = await asyncio.start_server(balancer.serve, "127.0.0.1", 0)
    port = front.sockets[0].getsockname()[1]
    asking: list[asyncio.Task[None]] = []

    async def happen(step: Awaitable[None]) -> None:
        """Unless a call fails first."""
        waiting = asyncio.ensure_future(step)
        await asyncio.wait([waiting, *asking], timeout=60, return_when=asyncio.FIRST_COMPLETED)
        for failed in asking:
            assert not failed.done(), failed.exception()
        assert waiting.done()

    try:
        await happen(balancer.until_up(_DRAINING, _STAYING))
        asking += [asyncio.create_task(calls(port, served, kept=kept)) for kept in (False, False, True)]
        await happen(more(lambda: served[_DRAINING]))
        await happen(until(lambda: signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL))
        os.kill(os.getpid(), signal.SIGTERM)
        await happen(balancer.until_up(_STAYING))
        assert not ending.done()
        direct = asyncio.create_task(calls(ports[_DRAINING], served, kept=False))
        await happen(more(lambda: served[_DRAINING]))  # who has not noticed is served
        direct.cancel()
        await happen(more(lambda: served[_STAYING]))
        os.kill(os.getpid(), signal.SIGTERM)  # it need not wait any longer
        await happen(ending)
        await happen(more(lambda: served["answered"]))
    finally:
        for task in (*asking, looking, ending):
            task.cancel()
        front.close()
        await staying.cleanup()
