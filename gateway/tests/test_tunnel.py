"""The websocket tunnel, with a real websocket echo behind it."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web

from gateway import tunnel
from gateway.state import NODES, TUNNELS
from gateway.tests.conftest import Gateway, Start, running
from gateway.tests.fakes import EchoRelay, FakeAuth, Somebody
from gateway.tests.raw import Raw, head
from shared.plumbing.web import problem_response
from shared.wire.problems import NotFound

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", KEY)


def upgrade(gateway: Gateway, somebody: Somebody, *lines: str, path: str = "/messages") -> bytes:
    """A browser's upgrade request."""
    cookie = f"Cookie: {gateway.cookie(somebody)['Cookie']}"
    return head(f"GET {path} HTTP/1.1", gateway.port, *UPGRADE, cookie, *lines)


def text_frame(text: bytes) -> bytes:
    """A masked text frame of at most 125 bytes (with a mask of zeros)."""
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


@asynccontextmanager
async def socket(
    gateway: Gateway, somebody: Somebody, path: str = "/messages/bob", **options: Any
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    headers = {**gateway.cookie(somebody), "Origin": gateway.url}
    async with gateway.http.ws_connect(f"{gateway.url}{path}", headers=headers, **options) as opened:
        yield opened


async def test_frames_go_through_in_both_directions(gateway: Gateway, ann: Somebody) -> None:
    async with socket(gateway, ann, protocols=["duet.v1"]) as opened:
        assert opened.protocol == "duet.v1"
        for text in ("one", "two", "x" * 60_000):
            await opened.send_str(text)
            assert (await opened.receive()).data == text
        await opened.send_bytes(os.urandom(1 << 20))
        assert len((await opened.receive()).data) == 1 << 20


async def test_the_relay_is_told_who_it_is_and_only_what_it_needs(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    forged = ("X-Forwarded-For: 6.6.6.6", "Authorization: Bearer forged", "X-Internal-User: 1")
    extension = "Sec-WebSocket-Extensions: permessage-deflate"
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann, *forged, extension, path="/messages/bob"))
        answer = await raw.answer()
    assert answer.status == 101
    assert "Sec-WebSocket-Extensions" not in answer.headers
    (received,) = relay.received
    assert received.target == "/messages/bob"
    assert {name.lower() for name in received.headers} == {
        *("host", "connection", "upgrade", "sec-websocket-key", "sec-websocket-version"),
        *("authorization", "x-request-id", "x-forwarded-for"),
    }
    assert received.headers["X-Forwarded-For"] == ["127.0.0.1"]
    (caller,) = relay.callers
    assert caller.user is not None
    assert (caller.user.id, caller.user.username, caller.user.session) == (ann.id, "ann", ann.session)


async def test_a_hello_in_the_same_packet_as_the_upgrade_is_passed_on(
    gateway: Gateway, ann: Somebody
) -> None:
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann) + text_frame(b"hello"))
        assert (await raw.answer()).status == 101
        assert await raw.reader.readexactly(7) == b"\x81\x05hello"


async def test_frames_sent_while_the_relay_still_thinks_are_passed_on(
    gateway: Gateway, ann: Somebody, auth: FakeAuth
) -> None:
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann))
        for number in range(5):
            await raw.send(text_frame(b"%d" % number))
            await asyncio.sleep(0)
        assert (await raw.answer()).status == 101
        assert await raw.reader.readexactly(15) == b"".join(b"\x81\x01%d" % number for number in range(5))


async def test_a_flood_before_the_101_arrives_whole(gateway: Gateway, ann: Somebody) -> None:
    """More than aiohttp buffers before it stops reading: it must be read on afterwards."""
    frames = [text_frame(b"%0100d" % number) for number in range(5000)]
    async with await gateway.raw() as raw:
        raw.writer.write(upgrade(gateway, ann) + b"".join(frames))
        assert (await raw.answer()).status == 101
        for number in range(5000):
            assert await raw.reader.readexactly(102) == b"\x81\x64%0100d" % number


async def test_a_greeting_that_comes_with_the_101_is_passed_on(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    relay.greeting = "welcome"
    async with socket(gateway, ann) as opened:
        assert (await opened.receive()).data == "welcome"


async def test_a_close_of_the_browser_reaches_the_relay(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    async with socket(gateway, ann) as opened:
        await opened.close(code=4242)
    assert await asyncio.wait_for(relay.close_codes.get(), 5) == 4242
    await no_tunnels(gateway)


async def test_a_close_of_the_relay_reaches_the_browser(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    async with socket(gateway, ann) as opened:
        await relay.sockets[0].close(code=4501, message=b"ended")
        closed = await opened.receive()
        assert (closed.type, closed.data, closed.extra) == (WSMsgType.CLOSE, 4501, "ended")
    await no_tunnels(gateway)


async def test_a_browser_that_vanishes_frees_the_tunnel(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    raw = await gateway.raw()
    await raw.send(upgrade(gateway, ann))
    assert (await raw.answer()).status == 101
    raw.writer.transport.abort()
    assert await asyncio.wait_for(relay.close_codes.get(), 5) == 1006
    await no_tunnels(gateway)


async def test_a_browser_that_closes_its_writing_half_still_gets_the_answer(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann))
        assert (await raw.answer()).status == 101
        await raw.send(text_frame(b"last words"))
        raw.writer.write_eof()
        assert await raw.reader.readexactly(12) == b"\x81\x0alast words"
        await raw.end()
    await no_tunnels(gateway)


async def test_a_relay_that_dies_ends_the_socket(gateway: Gateway, relay: EchoRelay, ann: Somebody) -> None:
    async with socket(gateway, ann) as opened:
        transport = relay.sockets[0]._req.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()
        assert (await opened.receive()).type is WSMsgType.CLOSED
        assert opened.close_code == 1006
    await no_tunnels(gateway)


async def test_a_reader_that_stops_stops_the_relay_and_nobody_else(
    gateway: Gateway, relay: EchoRelay, ann: Somebody, bob: Somebody
) -> None:
    slow = await gateway.raw()
    await slow.send(upgrade(gateway, ann))
    assert (await slow.answer()).status == 101
    slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
    sent = 0

    async def flood() -> None:
        nonlocal sent
        while True:
            await relay.sockets[0].send_bytes(bytes(64 * 1024))
            sent += 64 * 1024

    flooding = asyncio.create_task(flood())
    async with socket(gateway, bob) as opened:
        for _ in range(200):
            await opened.send_str("still here")
            assert (await opened.receive()).data == "still here"
    stuck_at, rounds = -1, 0
    while stuck_at != sent:  # until the buffers on the way are full
        stuck_at, rounds = sent, rounds + 1
        await asyncio.sleep(0.2)
        assert rounds < 50
    assert sent < 32 * 1024 * 1024
    flooding.cancel()
    slow.writer.transport.abort()
    await no_tunnels(gateway)


async def test_a_relay_s_refusal_reaches_the_browser_as_a_problem(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    relay.refusal = problem_response(NotFound("There is nobody of that name"))
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann))
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (404, "not-found")
        assert answer.headers["X-Request-Id"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        await raw.end()
    assert len(gateway.app[TUNNELS]) == 0


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        ((), 401, "unauthenticated"),
        (("Origin: https://evil.example",), 403, "foreign-origin"),
        (("Origin: null",), 403, "foreign-origin"),
    ],
)
async def test_an_upgrade_that_is_not_allowed_never_reaches_a_relay(
    gateway: Gateway, relay: EchoRelay, ann: Somebody, lines: tuple[str, ...], status: int, code: str
) -> None:
    cookie = [] if status == 401 else [f"Cookie: {gateway.cookie(ann)['Cookie']}"]
    async with await gateway.raw() as raw:
        await raw.send(head("GET /messages HTTP/1.1", gateway.port, *UPGRADE, *cookie, *lines))
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (status, code)
    assert relay.received == []


async def test_a_user_always_goes_to_the_same_node_and_moves_when_it_is_gone(
    start: Start, auth: FakeAuth, tmp_path: Path, keys: Path
) -> None:
    async with (
        running(EchoRelay(tmp_path / "a.sock", keys)) as a,
        running(EchoRelay(tmp_path / "b.sock", keys)) as b,
    ):
        gateway = await start(relay_urls=f"a={a.url},b={b.url}")
        people = [auth.add(f"user{number}") for number in range(16)]
        for _ in range(2):
            for somebody in people:
                async with socket(gateway, somebody):
                    pass
        on_a, on_b = ({caller.user.username for caller in node.callers} for node in (a, b))
        assert len(a.callers) + len(b.callers) == 32
        assert on_a
        assert on_b
        assert not on_a & on_b
        await b.stop()
        b.callers.clear()
        for somebody in people:
            async with socket(gateway, somebody):
                pass
        assert {caller.user.username for caller in a.callers} == {person.username for person in people}


async def test_a_node_that_is_not_ready_gets_no_new_sockets(
    start: Start, ann: Somebody, tmp_path: Path, keys: Path
) -> None:
    async with (
        running(EchoRelay(tmp_path / "a.sock", keys)) as a,
        running(EchoRelay(tmp_path / "b.sock", keys)) as b,
    ):
        gateway = await start(relay_urls=f"a={a.url},b={b.url}")
        nodes = gateway.app[NODES]
        first, second = (({"a": a, "b": b})[name] for name in nodes.order_for("ann"))
        first.is_ready = False
        await until(lambda: len(nodes.up) == 1)
        async with socket(gateway, ann):
            assert (len(first.callers), len(second.callers)) == (0, 1)


async def test_without_any_relay_the_upgrade_is_503(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    await relay.stop()
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann))
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (503, "unavailable")
        assert answer.headers["Retry-After"]


async def test_a_draining_gateway_spreads_the_closes_and_takes_no_new_sockets(
    gateway: Gateway, auth: FakeAuth, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tunnel.DRAIN_S == 5
    monkeypatch.setattr(tunnel, "DRAIN_S", 0.6)
    raws: list[Raw] = []
    for number in range(6):
        raw = await gateway.raw()
        await raw.send(upgrade(gateway, auth.add(f"user{number}")))
        assert (await raw.answer()).status == 101
        raws.append(raw)
    loop = asyncio.get_running_loop()
    started = loop.time()

    async def closed_after(raw: Raw) -> float:
        await raw.end()
        return loop.time() - started

    ends = [asyncio.create_task(closed_after(raw)) for raw in raws]
    await gateway.app[TUNNELS].drain()
    times = sorted(await asyncio.gather(*ends))
    assert times[-1] - times[0] > 0.3
    assert times[-1] < 1.5
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, auth.add("late")))
        assert (await raw.answer()).problem == "unavailable"


async def test_a_drain_does_not_wait_for_who_reads_nothing(
    gateway: Gateway, relay: EchoRelay, ann: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnel, "DRAIN_S", 0.2)
    slow = await gateway.raw()
    await slow.send(upgrade(gateway, ann))
    assert (await slow.answer()).status == 101
    slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
    flooding = asyncio.create_task(relay.sockets[0].send_bytes(bytes(64 << 20)))
    await asyncio.sleep(0.1)
    await asyncio.wait_for(gateway.app[TUNNELS].drain(), 3)
    await no_tunnels(gateway)
    flooding.cancel()
    slow.writer.transport.abort()


async def test_an_open_tunnel_leaves_no_task_and_no_request_behind(gateway: Gateway, ann: Somebody) -> None:
    async with socket(gateway, ann) as opened:
        await opened.send_str("x")
        await opened.receive()
        public = gateway.runners[0].server
        assert public is not None
        assert public.connections == []
        gc.collect()
        requests = [thing for thing in gc.get_objects() if type(thing) is web.Request]
        assert [
            request for request in requests if request.path == "/messages/bob" and request.app is gateway.app
        ] == []


async def no_tunnels(gateway: Gateway) -> None:
    await until(lambda: len(gateway.app[TUNNELS]) == 0)


async def until(condition: Callable[[], bool]) -> None:
    """Waits until it is so, for 5 s at most."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)
