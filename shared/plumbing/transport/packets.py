"""Packets over a kept-open connection between two of our programs: four bytes of length, then so many bytes.

For what is too hot for a websocket: no mask, no fragments, no task a message; callbacks, and one write a packet.
"""

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import TypeVar, cast

from shared.plumbing.http.client import connect
from shared.plumbing.http.head import NotHttpError, read_answer
from shared.plumbing.transport.address import Address
from shared.version import VERSION

_LENGTH = struct.Struct("!I")
_END_OF_HEAD = b"\r\n\r\n"
_MAX_HEAD_BYTES = 16 * 1024
_ANSWER_WITHIN_S = 2.0
_VANISHED_AFTER_MS = 15_000

PROTOCOL = "duet-packets"
VERSION_HEADER = "Duet-Version"
ASK = (("Connection", "Upgrade"), ("Upgrade", PROTOCOL), (VERSION_HEADER, VERSION))
"""The lines of a request's head that ask for packets."""


def grant(*lines: tuple[str, str]) -> bytes:
    """The answer, with these lines in its head: from here on there are packets, both ways."""
    return "\r\n".join(("HTTP/1.1 101 Switching Protocols", *map(": ".join, (*ASK, *lines)), "", "")).encode()


class Packets(asyncio.Protocol):
    """One end of a connection. Begins with `start`; a kind of it says what becomes of packets.

    max_bytes: of a packet that comes; a longer one ends the connection. slow: the other end does not read.
    version: of the program there; "" for one that does not say. answer: the head that granted it, names in lower case.
    """

    def __init__(self, max_bytes: int) -> None:
        self.slow = False
        self.version = ""
        self.answer: Mapping[bytes, bytes] = {}
        self._max_bytes = max_bytes
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._held = False
        self._taking = False

    def told(self, name: str) -> str:
        """What a line of that head says; "" where there is none."""
        return self.answer.get(name.lower().encode(), b"").decode("latin-1")

    # What a kind of it adds.

    def received(self, packet: bytes) -> None:
        """A whole packet."""
        raise NotImplementedError

    def drained(self) -> None:
        """The other end has read what it was slow to take."""

    def lost(self) -> None:
        """The connection is gone; called once."""

    # Life.

    def start(self, transport: asyncio.Transport, arrived: bytes = b"") -> None:
        """The transport is this protocol's. arrived: what has come over it already."""
        self._transport = transport
        _notice_silence(transport)
        if arrived:
            self.data_received(arrived)

    @property
    def open(self) -> bool:
        """Whether packets can still be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Ends the connection once everything is written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Ends the connection now, whatever is unsent."""
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self.lost()

    # Writing.

    def send(self, packet: bytes) -> None:
        """Nothing happens once the connection is closing."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_LENGTH.pack(len(packet)) + packet)

    def pause_writing(self) -> None:
        self.slow = True

    def resume_writing(self) -> None:
        self.slow = False
        self.drained()

    # Reading.

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._take()

    def hold(self) -> None:
        """Takes no further packet until `release`; the other end feels it."""
        self._held = True
        if self._transport is not None:
            self._transport.pause_reading()

    def release(self) -> None:
        if self._held:
            self._held = False
            if self.open and self._transport is not None:
                self._transport.resume_reading()
            self._take()

    def _take(self) -> None:
        if self._taking:  # a packet's own doing: the loop below goes on
            return
        self._taking = True
        start = 0
        try:
            while not self._held and (end := self._end_of_packet(start)):
                packet = bytes(memoryview(self._buffer)[start + _LENGTH.size : end])
                start = end
                self.received(packet)
        finally:
            del self._buffer[:start]
            self._taking = False

    def _end_of_packet(self, start: int) -> int:
        """Of the one that begins at `start`; 0 if it is not there as a whole."""
        if len(self._buffer) < start + _LENGTH.size or not self.open:
            return 0
        (length,) = _LENGTH.unpack_from(self._buffer, start)
        if length > self._max_bytes:
            self.abort()
            return 0
        end: int = start + _LENGTH.size + length
        return end if end <= len(self._buffer) else 0


def _notice_silence(transport: asyncio.Transport) -> None:
    """Between hosts: the kernel gives up a connection whose other end has vanished sooner than by itself."""
    opened: socket.socket | None = transport.get_extra_info("socket")
    if opened is not None and opened.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _VANISHED_AFTER_MS)


P = TypeVar("P", bound=Packets)


class RefusedError(ConnectionError):
    """The other program has answered, and grants no packets."""


async def open_packets(address: Address, head: bytes, protocol: P) -> P:
    """Connects `protocol`, by the request of this head. Raises OSError, TimeoutError."""
    asking = await connect(address, _Asking(head, protocol))
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            await asking.granted
    except BaseException:
        asking.abort()
        raise
    return protocol


class _Asking(asyncio.Protocol):
    """The connection until it is answered."""

    def __init__(self, head: bytes, successor: Packets) -> None:
        self.granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._head = head
        self._successor = successor
        self._transport: asyncio.Transport | None = None
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._head)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, arrived = self._answer.partition(_END_OF_HEAD)
        if self._transport is None or self.granted.done() or not (end or len(head) > _MAX_HEAD_BYTES):
            return
        try:
            status, headers = read_answer(head)
        except NotHttpError:
            status, headers = 0, {}
        if status != 101:
            self.granted.set_exception(RefusedError(f"answered {status}"))
            return
        self._successor.answer = headers
        self._successor.version = self._successor.told(VERSION_HEADER)
        self._transport.set_protocol(self._successor)
        self.granted.set_result(None)
        self._successor.start(self._transport, arrived)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.granted.done():
            self.granted.set_exception(error or ConnectionResetError("closed unanswered"))
            self.granted.exception()  # heard: nobody waits for it who gave up while it was connecting

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
