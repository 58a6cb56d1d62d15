"""The websocket tunnel, with a real websocket echo behind it."""

import asyncio
import gc
import os

from aiohttp import WSMsgType, web

from gateway.keys import TUNNELS
from gateway.tests.conftest import Gateway
from gateway.tests.fakes import EchoRelay, FakeAuth, Somebody
from gateway.tests.sockets import no_tunnels, socket, until, upgrade
from shared.testing.rawsocket import frame


async def test_frames_go_through_in_both_directions(gateway: Gateway, ann: Somebody) -> None:
    async with socket(gateway, ann, protocols=["duet.v1"]) as opened:
        assert opened.protocol == "duet.v1"
        for text in ("one", "two", "x" * 60_000):
            await opened.send_str(text)
            assert (await opened.receive()).data == text
        await opened.send_bytes(os.urandom(1 << 20))
        assert len((await opened.receive()).data) == 1 << 20


async def test_a_hello_in_the_same_packet_as_the_upgrade_is_passed_on(
    gateway: Gateway, ann: Somebody
) -> None:
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann) + frame(b"hello"))
        assert (await raw.answer()).status == 101
        assert await raw.reader.readexactly(7) == b"\x81\x05hello"


async def test_frames_sent_while_the_relay_still_thinks_are_passed_on(
    gateway: Gateway, ann: Somebody, auth: FakeAuth
) -> None:
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann))
        for number in range(5):
            await raw.send(frame(b"%d" % number))
            await asyncio.sleep(0)
        assert (await raw.answer()).status == 101
        assert await raw.reader.readexactly(15) == b"".join(b"\x81\x01%d" % number for number in range(5))


async def test_a_flood_before_the_101_arrives_whole(gateway: Gateway, ann: Somebody) -> None:
    """More than aiohttp buffers before it stops reading: it must be read on afterwards."""
    frames = [frame(b"%0100d" % number) for number in range(5000)]
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
        await raw.send(frame(b"last words"))
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
    await until(lambda: len(gateway.app[TUNNELS]) == 1)
    [browser_end] = gateway.app[TUNNELS]._browser_ends
    relay_end, request = browser_end.other, relay.sockets[0]._req
    assert relay_end is not None
    assert request is not None
    # The buffers are full: the gateway has stopped reading, and the relay waits.
    await until(lambda: not relay_end.transport.is_reading() and request.protocol.writing_paused)
    assert 0 < sent < 32 * 1024 * 1024
    flooding.cancel()
    slow.writer.transport.abort()
    await no_tunnels(gateway)


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
