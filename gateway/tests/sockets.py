"""Websockets through a gateway, by hand and by client."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from gateway.keys import TUNNELS
from gateway.tests.conftest import Gateway
from gateway.tests.fakes import Somebody
from gateway.tests.raw import head

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", KEY)


def upgrade(gateway: Gateway, somebody: Somebody, *lines: str, path: str = "/messages") -> bytes:
    """A browser's upgrade request."""
    cookie = f"Cookie: {gateway.cookie(somebody)['Cookie']}"
    return head(f"GET {path} HTTP/1.1", gateway.port, *UPGRADE, cookie, *lines)


@asynccontextmanager
async def socket(
    gateway: Gateway, somebody: Somebody, path: str = "/messages/bob", **options: Any
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    headers = {**gateway.cookie(somebody), "Origin": gateway.url}
    async with gateway.http.ws_connect(f"{gateway.url}{path}", headers=headers, **options) as opened:
        yield opened


async def no_tunnels(gateway: Gateway) -> None:
    await until(lambda: len(gateway.app[TUNNELS]) == 0)


async def until(condition: Callable[[], bool]) -> None:
    """Waits until it is so, for 5 s at most."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)
