"""Takes a connection out of aiohttp's hands, for what comes after an upgrade.

It touches aiohttp's internals (hence the pin `< 3.15`); tests hold it to a first frame in the upgrade's own packet.
"""

import asyncio
from typing import Any

from aiohttp import web


def detach(request: web.Request, successor: asyncio.Protocol) -> tuple[asyncio.Transport, bytes]:
    """Makes `successor` the protocol of the request's connection. Raises ConnectionResetError if that is gone.

    Returns the transport and what has already arrived behind the request's headers. `connection_made` is not
    called. The handler must then return `handed_over()`; nothing of aiohttp stays with the connection.
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
    """Reads no more until `go_on` or `detach`. Returns what has come behind the request, and leaves it there."""
    connection: Any = request.protocol
    connection.transport.pause_reading()
    tail: bytes = connection._message_tail
    return tail


def go_on(request: web.Request) -> None:
    """Undoes `stand_still`, unless aiohttp itself does not want to read."""
    connection: Any = request.protocol
    if not connection._reading_paused and not connection._buffer_paused:
        connection.transport.resume_reading()


def handed_over() -> web.StreamResponse:
    """The answer of a handler whose connection is no longer aiohttp's: it is written nowhere."""
    return web.Response(status=101)
