"""Takes sockets that a gateway on this host has accepted: see `shared/plumbing/transport/socket_handoff.py`."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import structlog
from aiohttp import web

from services.relay.keys import NODE
from services.relay.transport import handshake
from services.relay.transport.plain_upgrade import Plain, read
from shared.plumbing.transport.socket_handoff import MAX_PACKET_BYTES, Offer, Verdict, read_offer
from shared.wire.problems import Problem

_BACKLOG = 64
_AT_ONCE = 64
_PAUSE_S = 1.0
log = structlog.get_logger()


class HandoffChannel(asyncio.Protocol):
    """A handed-over socket until the loop has it."""

    def __init__(self, app: web.Application, plain: Plain, arrived: bytes) -> None:
        self._node = app[NODE]
        self._plain = plain
        self._arrived = arrived
        self.connection = self._node.connection(plain.user)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        opened = cast("asyncio.Transport", transport)
        try:
            handshake.check_session(self._node, self._plain.user)  # it may have ended since the verdict
        except Problem:
            opened.abort()
            return
        opened.set_protocol(self.connection)
        handshake.begin(self._node, self.connection, opened, self._plain.response, self._arrived)


class HandoffListener:
    """The channels of all gateways on this host, and what comes over them."""

    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._node = app[NODE]
        self._channels: set[socket.socket] = set()

    @contextlib.contextmanager
    def listening(self, path: str) -> Iterator[None]:
        """Takes sockets at `path` within the block; does nothing where the system has no such channels."""
        try:
            listener = _listener(path)
        except (OSError, AttributeError) as error:
            log.info("sockets come through tunnels only", error=repr(error))
            yield
            return
        loop = asyncio.get_running_loop()
        loop.add_reader(listener, self._accept, listener)
        try:
            yield
        finally:
            loop.remove_reader(listener)
            listener.close()
            for channel in list(self._channels):
                self._close(channel)

    def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            channel, _ = listener.accept()
        except BlockingIOError:  # the gateway is gone
            return
        except OSError as error:  # out of files: without a pause the loop would ask again at once, forever
            log.warning("a channel cannot be opened", error=repr(error))
            loop.remove_reader(listener)
            loop.call_later(_PAUSE_S, self._accept_again, listener)
            return
        channel.setblocking(False)
        self._channels.add(channel)
        loop.add_reader(channel, self._receive, channel)

    def _accept_again(self, listener: socket.socket) -> None:
        if listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _close(self, channel: socket.socket) -> None:
        if channel in self._channels:
            self._channels.discard(channel)
            asyncio.get_running_loop().remove_reader(channel)
            channel.close()

    def _receive(self, channel: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                packet, files, flags, _ = socket.recv_fds(channel, MAX_PACKET_BYTES, 1)
            except BlockingIOError:
                return
            except OSError:
                packet, files, flags = b"", [], 0
            try:
                offer = read_offer(
                    packet
                )  # an empty packet, too, is none: the gateway has closed the channel
            except struct.error:
                _close_files(files)
                self._close(channel)
                return
            whole = not flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC)
            plain = read(self._app, offer.head) if files and whole else None
            if plain is None:
                _close_files(files)
                self._answer(channel, offer, taken=False)
            else:
                self._node.tasks.start(self._take(channel, offer, plain, socket.socket(fileno=files[0])))

    async def _take(
        self, channel: socket.socket, offer: Offer, plain: Plain, accepted: socket.socket
    ) -> None:
        """Refuses anything but a plain upgrade; the gateway then retries through its tunnel, which answers."""
        if not await self._exists(plain):
            accepted.close()
            self._answer(channel, offer, taken=False)
            return
        self._answer(channel, offer, taken=True)
        arrival = HandoffChannel(self._app, plain, offer.arrived)
        try:
            transport, _ = await asyncio.get_running_loop().connect_accepted_socket(lambda: arrival, accepted)
        except OSError:  # the browser is gone
            accepted.close()
            return
        if arrival.connection.held and not transport.is_closing():
            transport.pause_reading()  # again: the loop began to read after `connection_made`

    async def _exists(self, plain: Plain) -> bool:
        if not plain.peer or self._node.names.id_of(plain.peer) is not None:
            return True
        try:
            return await self._node.calls.user_named(plain.peer) is not None
        except Exception:  # it comes again through the tunnel, which answers and logs
            return False

    @staticmethod
    def _answer(channel: socket.socket, offer: Offer, *, taken: bool) -> None:
        with contextlib.suppress(OSError):  # the gateway is gone, and with it its copy of the socket
            channel.send(Verdict(offer.number, taken).packet())


def _listener(path: str) -> socket.socket:
    Path(path).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
    try:
        listener.bind(path)
        Path(path).chmod(0o600)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _close_files(files: list[int]) -> None:
    for file in files:
        os.close(file)
