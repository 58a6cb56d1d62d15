"""Sockets that the gateway passes to a relay on this host."""

import asyncio
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway import socket_handoff
from gateway.keys import TUNNELS
from gateway.tests.conftest import Gateway
from gateway.tests.fakes import EchoRelay, Somebody
from gateway.tests.sockets import socket, until, upgrade
from shared.plumbing.transport.address import Address
from shared.plumbing.transport.socket_handoff import (
    MAX_PACKET_BYTES,
    Offer,
    Verdict,
    channel_path,
    read_offer,
)
from shared.testing.rawsocket import RawSocket, frame


class Taker:
    """A relay's end of the channels. verdict: what it says to the next offers; None: nothing at all."""

    def __init__(self, path: str) -> None:
        self.verdict: bool | None = True
        self.offers: list[Offer] = []
        self.taken: list[sockets.socket] = []
        self.channels: list[sockets.socket] = []
        self._listener = sockets.socket(sockets.AF_UNIX, sockets.SOCK_SEQPACKET | sockets.SOCK_NONBLOCK)
        self._listener.bind(path)
        self._listener.listen()
        asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        channel, _ = self._listener.accept()
        channel.setblocking(False)
        self.channels.append(channel)
        asyncio.get_running_loop().add_reader(channel, self._receive, channel)

    def _receive(self, channel: sockets.socket) -> None:
        packet, files, _, _ = sockets.recv_fds(channel, MAX_PACKET_BYTES, 1)
        if not packet:
            self._forget(channel)
            return
        self.offers.append(read_offer(packet))
        accepted = sockets.socket(fileno=files[0])
        if self.verdict is False:
            accepted.close()
        else:
            self.taken.append(accepted)
        if self.verdict is not None:
            channel.send(Verdict(self.offers[-1].number, self.verdict).packet())

    def hang_up(self) -> None:
        """Closes the channels and what was taken, as a relay that dies."""
        for channel in list(self.channels):
            self._forget(channel)
        while self.taken:
            self.taken.pop().close()

    def _forget(self, channel: sockets.socket) -> None:
        asyncio.get_running_loop().remove_reader(channel)
        self.channels.remove(channel)
        channel.close()

    def close(self) -> None:
        self.hang_up()
        asyncio.get_running_loop().remove_reader(self._listener)
        self._listener.close()


@pytest.fixture
async def taker(relay: EchoRelay) -> AsyncIterator[Taker]:
    opened = Taker(channel_path(Address(path=str(relay.path))))
    yield opened
    opened.close()


@asynccontextmanager
async def asked(gateway: Gateway, somebody: Somebody, behind: bytes = b"") -> AsyncIterator[RawSocket]:
    """A browser that has asked for a socket."""
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, somebody) + behind)
        yield raw


async def test_a_socket_that_is_taken_is_the_relays_alone(
    gateway: Gateway, taker: Taker, relay: EchoRelay, ann: Somebody
) -> None:
    early = frame(b"early")
    async with asked(gateway, ann, early) as raw:
        await until(lambda: bool(taker.taken))
        [offer], [accepted] = taker.offers, taker.taken
        assert offer.head.startswith(b"GET /messages HTTP/1.1\r\n")
        assert b"\r\n\r\n" not in offer.head
        assert offer.arrived == early
        await raw.send(b"for the relay")
        loop = asyncio.get_running_loop()
        assert await asyncio.wait_for(loop.sock_recv(accepted, 100), 5) == b"for the relay"
        await loop.sock_sendall(accepted, b"from the relay")
        assert await asyncio.wait_for(raw.reader.read(100), 5) == b"from the relay"
        accepted.close()
        taker.taken.clear()
        assert await raw.end() == b"", "the gateway keeps no copy"
    assert (len(gateway.app[TUNNELS]), relay.received) == (0, [])


async def test_a_socket_outlives_the_gateway(gateway: Gateway, taker: Taker, ann: Somebody) -> None:
    async with asked(gateway, ann) as raw:
        await until(lambda: bool(taker.taken))
        await gateway.stop()
        await asyncio.get_running_loop().sock_sendall(taker.taken[0], b"still here")
        assert await asyncio.wait_for(raw.reader.read(100), 5) == b"still here"


async def test_a_refused_socket_goes_through_a_tunnel(
    gateway: Gateway, taker: Taker, relay: EchoRelay, ann: Somebody
) -> None:
    taker.verdict = False
    async with socket(gateway, ann) as opened:
        await opened.send_str("hello")
        assert await opened.receive_str(timeout=5) == "hello"
        assert (len(taker.offers), len(relay.callers), len(gateway.app[TUNNELS])) == (1, 1, 1)


async def test_a_relay_without_a_channel_gets_tunnels(gateway: Gateway, ann: Somebody) -> None:
    async with socket(gateway, ann) as opened:
        await opened.send_str("hello")
        assert await opened.receive_str(timeout=5) == "hello"
        assert len(gateway.app[TUNNELS]) == 1


async def test_what_does_not_fit_a_packet_goes_through_a_tunnel(
    gateway: Gateway, taker: Taker, relay: EchoRelay, ann: Somebody
) -> None:
    long = [f"Sec-WebSocket-Protocol: {'x' * 8000}"] * 9
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann, *long))
        await until(lambda: bool(relay.received))
    async with asked(gateway, ann, frame(b"x" * 100) * 700):
        await until(lambda: len(relay.received) == 2)
    assert taker.offers == []


async def test_no_more_sockets_are_offered_than_verdicts_can_be_taken(
    gateway: Gateway, taker: Taker, relay: EchoRelay, ann: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_handoff, "_MAX_ASKED", 1)
    taker.verdict = None
    async with asked(gateway, ann):
        await until(lambda: bool(taker.offers))
        async with socket(gateway, ann):
            assert (len(taker.offers), len(gateway.app[TUNNELS])) == (1, 1)


async def test_without_a_verdict_the_browser_has_to_come_again(
    gateway: Gateway, taker: Taker, ann: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay may write to the socket whenever it wakes up, so no other node may have it."""
    monkeypatch.setattr(socket_handoff, "TIMEOUT_S", 0.1)
    taker.verdict = None
    async with asked(gateway, ann) as raw:
        assert await raw.end() == b""


async def test_a_relay_that_dies_before_its_verdict_costs_that_socket_only(
    gateway: Gateway, taker: Taker, ann: Somebody
) -> None:
    taker.verdict = None
    async with asked(gateway, ann) as raw:
        await until(lambda: bool(taker.taken))
        taker.hang_up()
        assert await raw.end() == b""
    taker.verdict = True
    async with asked(gateway, ann):
        await until(lambda: bool(taker.taken))


async def test_verdicts_find_their_sockets_in_any_order(
    gateway: Gateway, taker: Taker, ann: Somebody, bob: Somebody
) -> None:
    taker.verdict = None
    async with asked(gateway, ann) as anns, asked(gateway, bob) as bobs:
        await until(lambda: len(taker.offers) == 2)
        [channel] = taker.channels
        for offer, accepted in reversed(list(zip(taker.offers, taker.taken, strict=True))):
            channel.send(Verdict(offer.number, taken=True).packet())
            accepted.send(b"ann" if b"ann" in offer.head else b"bob")
        assert await asyncio.wait_for(anns.reader.read(100), 5) == b"ann"
        assert await asyncio.wait_for(bobs.reader.read(100), 5) == b"bob"


def test_a_relay_elsewhere_has_no_channel(tmp_path: Path) -> None:
    assert channel_path(Address.parse("10.0.0.1:8000")) == ""
    assert channel_path(Address.parse(f"unix:{tmp_path}/a.sock")) == f"{tmp_path}/a.sock.pass"
