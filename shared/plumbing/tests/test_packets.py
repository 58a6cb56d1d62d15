"""Packets: whole, in order, however the bytes come; and what is granted or refused."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from shared.plumbing.transport.address import Address
from shared.plumbing.transport.packets import Packets, RefusedError, grant, open_packets

_MAX_BYTES = 1000


class Wire(asyncio.Transport):
    """A transport without a network."""

    def __init__(self) -> None:
        super().__init__()
        self.closing = False
        self.reading = True

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.closing = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Ear(Packets):
    def __init__(self, then: Callable[["Ear"], None] = lambda _: None) -> None:
        super().__init__(_MAX_BYTES)
        self.heard: list[bytes] = []
        self.then = then

    def received(self, packet: bytes) -> None:
        self.heard.append(packet)
        self.then(self)


def packed(*packets: bytes) -> bytes:
    return b"".join(len(packet).to_bytes(4, "big") + packet for packet in packets)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_packets_come_whole_whatever_the_pieces(wire: Wire, size: int) -> None:
    ear, sent = Ear(), [b"one", b"", b"x" * _MAX_BYTES]
    ear.start(wire)
    data = packed(*sent)
    for start in range(0, len(data), size):
        ear.data_received(data[start : start + size])
    assert ear.heard == sent


def test_a_packet_that_is_too_long_ends_the_connection(wire: Wire) -> None:
    ear = Ear()
    ear.start(wire, packed(b"fine", b"x" * (_MAX_BYTES + 1), b"never"))
    assert ear.heard == [b"fine"]
    assert not ear.open


def test_what_has_come_waits_while_it_is_held(wire: Wire) -> None:
    ear = Ear(Packets.hold)
    ear.start(wire, packed(b"one", b"two", b"three"))
    assert (ear.heard, wire.reading) == ([b"one"], False)
    ear.release()
    assert (ear.heard, wire.reading) == ([b"one", b"two"], False)
    ear.then = lambda _: None
    ear.release()
    assert (ear.heard, wire.reading) == ([b"one", b"two", b"three"], True)


def test_nothing_is_taken_behind_the_one_that_ended_the_connection(wire: Wire) -> None:
    ear = Ear(Packets.abort)
    ear.start(wire, packed(b"wrong", b"never"))
    assert ear.heard == [b"wrong"]


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[Address]:
    """A server that says this to everybody and ends."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield Address(host="127.0.0.1", port=server.sockets[0].getsockname()[1])


async def test_what_comes_right_behind_the_grant_is_the_first_packet() -> None:
    async with answering(grant() + packed(b"at once")) as address:
        ear = await open_packets(address, b"GET /x HTTP/1.1\r\n\r\n", Ear())
    assert ear.heard == [b"at once"]


@pytest.mark.parametrize("answer", [b"HTTP/1.1 403 Forbidden\r\n\r\n", b"SSH-2.0\r\n\r\n"])
async def test_who_is_refused_hears_it(answer: bytes) -> None:
    async with answering(answer) as address:
        with pytest.raises(RefusedError):
            await open_packets(address, b"GET /x HTTP/1.1\r\n\r\n", Ear())


async def test_no_answer_at_all_is_a_broken_connection() -> None:
    async with answering(b"HTTP/1.1 101") as address:
        with pytest.raises(ConnectionError):
            await open_packets(address, b"GET /x HTTP/1.1\r\n\r\n", Ear())


async def test_a_connection_that_was_given_up_at_any_turn_is_no_error_of_the_loop() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    async with answering(b"HTTP/1.1 101") as address:
        for turns in range(8):
            asking = asyncio.create_task(open_packets(address, b"GET /x HTTP/1.1\r\n\r\n", Ear()))
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await asking
            for _ in range(4):  # until it is closed
                await asyncio.sleep(0)
    gc.collect()
    assert complaints == []
