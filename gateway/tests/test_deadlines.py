"""Clients that take their time."""

import asyncio
from typing import Any

import pytest

from gateway import forward, server
from gateway.tests.conftest import Gateway
from gateway.tests.fakes import FakeAuth, RecordingService
from gateway.tests.raw import Raw, head
from gateway.tests.sockets import until


@pytest.fixture(autouse=True)
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real ones end a connection within 5 s; nothing else is changed."""
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


async def drip(raw: Raw, data: bytes) -> None:
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
        assert head_deadlines(gateway) == 0  # else the clock of the first head would end the connection later
        await raw.send(whole)
        assert (await raw.answer()).status == 200


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
