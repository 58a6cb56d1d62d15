"""Sockets that are opened by hand, for somebody who is logged in."""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import msgspec
import pytest

from shared.testing.people import Person
from shared.testing.product import Product
from shared.testing.rawsocket import RawSocket, frame, raw_socket

OpenSocket = Callable[..., AbstractAsyncContextManager[RawSocket]]


@pytest.fixture
def open_socket(product: Product) -> OpenSocket:
    """`async with open_socket(person) as raw`: upgraded; after its welcome, unless hello=False."""

    @contextlib.asynccontextmanager
    async def opening(
        person: Person, *, hello: bool = True, path: str = "/messages"
    ) -> AsyncIterator[RawSocket]:
        async with raw_socket(product.port) as raw:
            status = await raw.upgrade(path, f"127.0.0.1:{product.port}", f"Cookie: {person.cookie}")
            assert status == 101
            if hello:
                await raw.send(frame(b'{"type":"hello"}'))
                welcome = await raw.frame()
                assert welcome is not None
                assert msgspec.json.decode(welcome.payload)["type"] == "welcome"
            yield raw

    return opening
