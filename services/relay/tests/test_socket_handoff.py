"""Sockets that a gateway on this host has accepted and hands over."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.relay.tests.cluster import Cluster
from services.relay.tests.test_upgrade import by_the_gateway, upgrade
from shared.plumbing.batch_loader import BatchLoader
from shared.plumbing.transport.address import Address
from shared.plumbing.transport.socket_handoff import Offer, Verdict, channel_path, read_verdict
from shared.testing.rawsocket import frame


class Channel:
    """A gateway's end of a channel to relay-1."""

    def __init__(self, cluster: Cluster) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(5)
        self.socket.connect(channel_path(Address(path=cluster.path("relay-1"))))

    async def offer(self, offer: Offer, *files: int) -> Verdict:
        socket.send_fds(self.socket, [offer.packet()], list(files))
        return read_verdict(await self.heard())

    async def heard(self) -> bytes:
        return await asyncio.to_thread(self.socket.recv, 64)


@pytest.fixture
async def channel(cluster: Cluster) -> AsyncIterator[Channel]:
    opened = Channel(cluster)
    yield opened
    opened.socket.close()


@asynccontextmanager
async def accepted() -> AsyncIterator[tuple[socket.socket, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that a gateway has accepted, and the browser's end of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        reader, writer = await asyncio.open_connection(*server.getsockname())
        ours, _ = server.accept()
    ours.setblocking(False)
    try:
        yield ours, reader, writer
    finally:
        writer.close()
        ours.close()


def offer(cluster: Cluster, path: str, arrived: bytes = b"", number: int = 7, name: str = "ann") -> Offer:
    head = upgrade(path, {**by_the_gateway(cluster, name), "X-Request-Id": "abc-1"})
    return Offer(number, head.removesuffix(b"\r\n\r\n"), arrived)


async def untouched(ours: socket.socket, reader: asyncio.StreamReader) -> bool:
    """Whether the browser next gets what the gateway writes."""
    ours.send(b"HTTP/1.1 404 ")
    return await asyncio.wait_for(reader.read(100), 5) == b"HTTP/1.1 404 "


async def test_a_passed_socket_is_greeted_and_belongs_to_the_relay(
    cluster: Cluster, channel: Channel
) -> None:
    """To somebody whom this node has never met, with a hello that came behind the upgrade."""
    await cluster.sign_up("carol")
    async with accepted() as (ours, reader, writer):
        wanted = offer(cluster, "/messages/Carol", frame(b'{"type":"hello"}'))
        assert await channel.offer(wanted, ours.fileno()) == Verdict(7, taken=True)
        ours.close()
        async with asyncio.timeout(5):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            assert head.startswith("HTTP/1.1 101 ")
            assert "X-Request-Id: abc-1\r\n" in head
            assert b'"welcome"' in await reader.readuntil(b"}")
        channel.socket.close()  # the gateway ends; its sockets go on
        writer.write(frame(b'{"type":"ping"}'))
        async with asyncio.timeout(5):
            assert b'"pong"' in await reader.readuntil(b'"pong"')
        assert len(cluster.node("relay-1").connections) == 1
    async with asyncio.timeout(5):
        while cluster.node("relay-1").connections:
            await asyncio.sleep(0.01)


async def test_what_is_not_a_plain_upgrade_is_refused_and_not_touched(
    cluster: Cluster, channel: Channel
) -> None:
    signed = by_the_gateway(cluster, "ann")
    async with accepted() as (ours, reader, _):
        for path in ("/messages/nobody", "/messages/ann", "/elsewhere"):
            assert not (await channel.offer(offer(cluster, path), ours.fileno())).taken, path
        for headers in ({}, {**signed, "Authorization": "Bearer x"}, {**signed, "Content-Length": "5"}):
            wanted = Offer(9, upgrade("/messages", headers).removesuffix(b"\r\n\r\n"), b"")
            assert await channel.offer(wanted, ours.fileno()) == Verdict(9, taken=False), headers
        assert await untouched(ours, reader)


async def test_a_session_that_ends_behind_the_verdict_gets_no_socket(
    cluster: Cluster, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(cluster.node("relay-1").revocations, "has_ended", lambda session: next(answers))
    async with accepted() as (ours, reader, _):
        assert (await channel.offer(offer(cluster, "/messages"), ours.fileno())).taken
        ours.close()
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 5) == b""
    assert not cluster.node("relay-1").connections


async def test_a_socket_whose_hello_waits_is_not_read(cluster: Cluster, channel: Channel) -> None:
    await cluster.stop("threads")
    async with accepted() as (ours, _, writer):
        hello = frame(b'{"type":"hello"}')
        assert (await channel.offer(offer(cluster, "/messages", hello), ours.fileno())).taken
        ours.close()
        async with asyncio.timeout(5):
            while not cluster.node("relay-1").connections:
                await asyncio.sleep(0.01)
        writer.write(frame(b'{"type":"ping"}' + b" " * 1000) * 16_000)  # more than the kernel keeps for us
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.drain(), 1)
        [connection] = cluster.node("relay-1").connections
        assert connection._parser is not None
        assert len(connection._parser.buffer) < 1_000_000
        writer.transport.abort()


async def test_an_offer_without_a_socket_is_refused(cluster: Cluster, channel: Channel) -> None:
    assert await channel.offer(offer(cluster, "/messages")) == Verdict(7, taken=False)


async def test_a_node_that_goes_away_takes_no_more(cluster: Cluster, channel: Channel) -> None:
    cluster.node("relay-1").draining = True
    async with accepted() as (ours, reader, _):
        assert not (await channel.offer(offer(cluster, "/messages"), ours.fileno())).taken
        assert await untouched(ours, reader)


async def test_a_name_that_cannot_be_looked_up_is_refused(cluster: Cluster, channel: Channel) -> None:
    async def fail(names: list[str]) -> dict[str, int]:
        raise RuntimeError(names)

    cluster.node("relay-1").calls._unknown_names = BatchLoader(fail, 256)
    async with accepted() as (ours, reader, _):
        assert not (await channel.offer(offer(cluster, "/messages/carol"), ours.fileno())).taken
        assert await untouched(ours, reader)


async def test_a_browser_that_has_gone_meanwhile_harms_nobody(cluster: Cluster, channel: Channel) -> None:
    async with accepted() as (ours, _, writer):
        writer.transport.abort()
        assert (await channel.offer(offer(cluster, "/messages"), ours.fileno())).taken
    async with accepted() as (ours, reader, _):
        assert (await channel.offer(offer(cluster, "/messages"), ours.fileno())).taken
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)).startswith(b"HTTP/1.1 101 ")


async def test_nonsense_ends_the_channel_and_leaves_no_file_open(cluster: Cluster, channel: Channel) -> None:
    async with accepted() as (ours, reader, _):
        socket.send_fds(channel.socket, [b"x"], [ours.fileno()])
        assert await channel.heard() == b""
        ours.close()
        assert await asyncio.wait_for(reader.read(), 5) == b"", "the last copy of the socket is closed"


async def test_the_channel_is_for_this_user_only(cluster: Cluster) -> None:
    path = Path(channel_path(Address(path=cluster.path("relay-1"))))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_uid == os.getuid()
