"""Connections to whatever people's links name: to public addresses only, each not too often.

Looked at is the address of the socket itself, so it makes no difference whether a link has a name, an address in any
spelling, a redirect, or a name that leads elsewhere a moment later.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from errno import EADDRNOTAVAIL, EAGAIN
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from services.notify.addresses import is_public
from shared.plumbing.limits.buckets import Buckets
from shared.plumbing.limits.rate_limit_key import rate_limit_key

_A_SECOND, _BURST = 0.5, 30
"""Connections to one address."""
_LOOK_UPS = 8
_HEADERS = {
    "User-Agent": "Duet (link preview)",
    "Accept": "text/html",
    "Accept-Encoding": "identity",  # so that a mebibyte is one
}


class PublicSockets:
    """A socket factory. private: for tests, the addresses that are connected to though they are not public."""

    def __init__(self, private: Collection[str] = ()) -> None:
        self._private = private
        self._visits = Buckets(_A_SECOND, _BURST)

    def __call__(self, info: tuple[Any, ...]) -> socket.socket:
        """Raises OSError: it is not connected to."""
        family, kind, proto, _, (host, port, *_) = info
        if not is_public(host) and f"{host}:{port}" not in self._private:
            raise OSError(EADDRNOTAVAIL, f"{host} is not public")
        if self._visits.take(rate_limit_key(host)):
            raise OSError(EAGAIN, f"{host} was visited often enough")
        return socket.socket(family, kind, proto)


class _OwnThreads(AbstractResolver):
    """Names that take their time keep none of the threads busy in which push services are looked up."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOK_UPS, "link-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises OSError where there is none."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        )
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=kind, proto=proto, flags=flags
            )
            for kind, _, proto, _, address in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


@asynccontextmanager
async def client(private: Collection[str] = ()) -> AsyncIterator[aiohttp.ClientSession]:
    """No cookies, no proxies of the environment, no connection kept for whoever comes next."""
    connector = aiohttp.TCPConnector(
        resolver=_OwnThreads(),
        socket_factory=PublicSockets(private),
        use_dns_cache=False,
        force_close=True,
        limit=0,
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        headers=_HEADERS,
        skip_auto_headers=("User-Agent",),
    ) as http:
        yield http
    await asyncio.sleep(0)  # until TLS connections have closed
