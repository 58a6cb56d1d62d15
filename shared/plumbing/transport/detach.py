"""Takes a connection out of aiohttp's hands, for what comes after an upgrade.

It touches aiohttp's internals, hence the pin `< 3.15`. The tests cover a first frame in the same packet as the upgrade.
"""

import asyncio
from typing import Any

from aiohttp import web


def detach(request: web.Request, successor: asyncio.Protocol) -> tuple[asyncio.Transport, bytes]:
    """Makes `successor` the protocol of the request's connection. Raises ConnectionResetError if that is gone.

    Returns the transport and what has already arrived after the request's headers. `connection_made` is not
    called. The handler must then return `handed_over()`: aiohttp has nothing more to do with the connection.
    """
    before: Any = request.protocol
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client is gone")
    arrived = before._message_tail
    paused = before._reading_paused or before._buffer_paused
    before._message_tail = b""
    transport.set_protocol(successor)
    before.transport = None  # so that what follows leaves the connection open
    before.connection_lost(None)
    if paused:
        transport.resume_reading()
    return transport, arrived


def stand_still(request: web.Request) -> bytes:
    """Stops reading until `go_on` or `detach`. Returns what has come after the request, and leaves it there."""
    connection: Any = request.protocol
    connection.transport.pause_reading()
    tail: bytes = connection._message_tail
    return tail


def go_on(request: web.Request) -> None:
    """Undoes `stand_still`, unless aiohttp itself has paused reading."""
    connection: Any = request.protocol
    if not connection._reading_paused and not connection._buffer_paused:
        connection.transport.resume_reading()


class _HandedOver(web.Response):
    """Never written, so no head is made of it: that would take 12 µs a socket."""

    async def prepare(self, request: web.BaseRequest) -> None:
        """Nothing."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing."""


def handed_over() -> web.StreamResponse:
    """The answer of a handler whose connection no longer belongs to aiohttp."""
    return _HandedOver(status=101)
