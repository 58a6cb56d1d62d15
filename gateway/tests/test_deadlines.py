"""Clients that take their time."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from gateway import forward, server
from gateway.keys import TUNNELS
from gateway.tests.conftest import Gateway
from gateway.tests.fakes import FakeAuth, RecordingService, Somebody
from gateway.tests.raw import head
from gateway.tests.sockets import until, upgrade
from shared.testing.rawsocket import RawSocket


@pytest.fixture(autouse=True)
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter than in production, where a connection ends within 5 s; nothing else differs."""
    assert server.HEAD_TIMEOUT_S <= 5
    assert forward.BODY_TIMEOUT_S + server._LINGER_S <= 5
    monkeypatch.setattr(server, "HEAD_TIMEOUT_S", 0.3)
    monkeypatch.setattr(forward, "BODY_TIMEOUT_S", 0.3)


def head_deadlines(gateway: Gateway) -> int:
    """How many connections have begun a head and not ended it."""
    public = gateway.runners[0].server
    assert public is not None
    connections: list[Any] = public.connections
    return sum(one._heard and one._head_deadline is not None for one in connections)


def waiting_for_bodies(gateway: Gateway) -> int:
    """How many connections have begun a body and not ended it."""
    public = gateway.runners[0].server
    assert public is not None
    connections: list[Any] = public.connections
    return sum(not one._is_between_messages() for one in connections)


async def drip(raw: RawSocket, data: bytes) -> None:
    """A byte at a time, for as long as the connection lasts."""
    for byte in data:
        raw.writer.write(bytes([byte]))
        await asyncio.sleep(0.05)


async def test_a_head_that_drips_is_408_and_closed(gateway: Gateway) -> None:
    async with await gateway.raw() as raw:
        dripping = asyncio.create_task(
            drip(raw, head("GET /login HTTP/1.1", gateway.port, "X-Long: " + "x" * 200))
        )
        answer = await raw.answer(2)
        assert (answer.status, answer.problem) == (408, "too-slow")
        assert answer.headers["Connection"] == "close"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-Id"]
        await raw.end(2)
        dripping.cancel()


async def test_a_second_head_that_drips_on_the_same_connection_is_408(gateway: Gateway) -> None:
    async with await gateway.raw() as raw:
        await raw.send(head("GET /robots.txt HTTP/1.1", gateway.port))
        assert (await raw.answer()).status == 200
        await raw.send(b"GET /robots.txt HT")
        assert (await raw.answer(2)).problem == "too-slow"
        await raw.end(2)


async def test_a_head_in_two_halves_within_the_deadline_is_answered(gateway: Gateway) -> None:
    async with await gateway.raw() as raw:
        whole = head("GET /robots.txt HTTP/1.1", gateway.port)
        await raw.send(whole[:20])
        await until(lambda: head_deadlines(gateway) == 1)
        await raw.send(whole[20:])
        assert (await raw.answer()).status == 200
        assert head_deadlines(gateway) == 0  # or the first head's deadline would end the connection later
        await raw.send(whole)
        assert (await raw.answer()).status == 200


async def test_a_body_that_comes_after_its_head_begins_no_head(
    gateway: Gateway, game: RecordingService
) -> None:
    """Otherwise the idle connection gets a 408 after 4.5 s, which the client takes for its next answer."""
    lines = ("Content-Type: application/json", "Content-Length: 2")
    async with await gateway.raw() as raw:
        for body in ((b"{}",), (b"{", b"}")):
            await raw.send(head("POST /api/tictactoe/move HTTP/1.1", gateway.port, *lines))
            for part in body:
                await until(lambda: waiting_for_bodies(gateway) == 1)
                await raw.send(part)
            assert (await raw.answer()).status == 200
            assert head_deadlines(gateway) == 0
    assert [request.body for request in game.received] == [b"{}", b"{}"]


async def test_a_body_that_drips_is_408_and_closed(gateway: Gateway, game: RecordingService) -> None:
    for length in ("Content-Length: 300", "Transfer-Encoding: chunked"):
        async with await gateway.raw() as raw:
            lines = ("Content-Type: application/json", length)
            await raw.send(head("POST /api/tictactoe/move HTTP/1.1", gateway.port, *lines))
            dripping = asyncio.create_task(drip(raw, b"12c\r\n" + b"x" * 200))
            answer = await raw.answer(2)
            assert (answer.status, answer.problem) == (408, "too-slow")
            await raw.end(4)
            dripping.cancel()
    assert game.received == []


@pytest.mark.parametrize("path", ["/api/session", "/api/accounts"])
async def test_a_body_with_a_password_that_stops_is_408_and_closed(
    gateway: Gateway, auth: FakeAuth, path: str
) -> None:
    """The gateway reads these itself instead of passing them on."""
    async with await gateway.raw() as raw:
        lines = ("Content-Type: application/json", "Content-Length: 100")
        await raw.send(head(f"POST {path} HTTP/1.1", gateway.port, *lines) + b"{")
        answer = await raw.answer(2)
        assert (answer.status, answer.problem) == (408, "too-slow")
        await raw.end(4)
    assert auth.received == []


async def test_a_body_nobody_asked_for_does_not_hold_the_connection(gateway: Gateway) -> None:
    async with await gateway.raw() as raw:
        await raw.send(head("GET /robots.txt HTTP/1.1", gateway.port, "Content-Length: 300"))
        assert (await raw.answer()).status == 200
        await raw.end(5)


async def test_an_idle_connection_is_kept_and_then_closed(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 60 <= server.KEEPALIVE_S <= 120
    public = gateway.runners[0].server
    assert public is not None
    monkeypatch.setitem(public._kwargs, "keepalive_timeout", 0.3)
    async with await gateway.raw() as raw:
        await raw.send(head("GET /robots.txt HTTP/1.1", gateway.port))
        assert (await raw.answer()).status == 200
        assert await raw.end(2) == b""


async def test_a_connection_that_nothing_comes_over_is_closed(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 10 <= server.FIRST_BYTE_TIMEOUT_S <= 60
    monkeypatch.setattr(server, "FIRST_BYTE_TIMEOUT_S", 0.3)
    async with await gateway.raw() as raw:
        assert await raw.end(2) == b""


_SMALL = 4096


@contextlib.asynccontextmanager
async def narrow(gateway: Gateway) -> AsyncIterator[socket.socket]:
    """A connection whose buffers in the kernel hold a few thousand bytes, so that an answer waits in the gateway."""
    public = gateway.runners[0].server
    assert public is not None
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        client.connect(("127.0.0.1", gateway.port))
        client.setblocking(False)
        await until(lambda: bool(public.connections))
        [connection] = public.connections
        assert connection.transport is not None
        accepted = connection.transport.get_extra_info("socket")
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SMALL)
        yield client


def answer_at_length(game: RecordingService, length: int) -> None:
    """The game's answers have bodies of so many bytes."""

    async def answer() -> web.Response:
        return web.Response(body=bytes(length))

    game.answer = answer


def ask_move(gateway: Gateway, *lines: str) -> bytes:
    """A whole call of the game."""
    return head("POST /api/tictactoe/move HTTP/1.1", gateway.port, "Content-Length: 2", *lines) + b"{}"


@pytest.mark.parametrize("line", ["Connection: keep-alive", "Connection: close"])
@pytest.mark.parametrize("length", [30_000, 3_000_000])
async def test_an_answer_that_nobody_reads_is_thrown_away(
    gateway: Gateway, game: RecordingService, monkeypatch: pytest.MonkeyPatch, length: int, line: str
) -> None:
    assert server.UNREAD_TIMEOUT_S <= 10
    monkeypatch.setattr(server, "UNREAD_TIMEOUT_S", 0.2)
    answer_at_length(game, length)
    public = gateway.runners[0].server
    assert public is not None
    async with narrow(gateway) as client:
        client.send(ask_move(gateway, line))
        await until(lambda: bool(game.received) and not public.connections)


async def test_what_nobody_reads_is_thrown_away_when_a_408_has_closed_the_connection(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then aiohttp has dropped its transport and waits for nothing."""
    monkeypatch.setattr(server, "UNREAD_TIMEOUT_S", 0.2)
    public = gateway.runners[0].server
    assert public is not None
    async with narrow(gateway) as client:
        [connection] = public.connections
        assert connection.transport is not None
        connection.transport.write(bytes(30_000))
        client.send(b"GET")
        await until(lambda: not public.connections)
        assert connection._request_count == 0


async def test_an_answer_that_is_read_slowly_comes_whole(
    gateway: Gateway, game: RecordingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "UNREAD_TIMEOUT_S", 0.2)
    answer_at_length(game, 100_000)
    loop = asyncio.get_running_loop()
    async with narrow(gateway) as client, asyncio.timeout(20):
        client.send(ask_move(gateway, "Connection: close"))
        read = 0
        while some := await loop.sock_recv(client, 2048):
            read += len(some)
            await asyncio.sleep(0.02)
    assert read > 100_000


async def test_a_socket_is_handed_over_without_the_clock(gateway: Gateway, ann: Somebody) -> None:
    """Its new owner has its own rule for slow readers."""
    public = gateway.runners[0].server
    assert public is not None
    async with narrow(gateway) as client:
        [connection] = public.connections
        assert isinstance(connection, server.PublicConnection)
        assert connection.transport is not None
        connection.transport.write(bytes(30_000))
        assert connection._unread_deadline is not None
        client.send(upgrade(gateway, ann))
        await until(lambda: len(gateway.app[TUNNELS]) == 1)
        assert connection._unread_deadline is None
        [browser_end] = gateway.app[TUNNELS]._browser_ends
        assert browser_end.transport.get_write_buffer_size() > 0
        assert browser_end.transport.get_write_buffer_limits()[1] > 0
