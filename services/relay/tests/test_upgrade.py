"""The upgrade, byte for byte."""

import asyncio
import time

import pytest
from multidict import CIMultiDict

from services.relay.tests.cluster import Cluster, vouched
from services.relay.transport.handshake import handshake
from shared.plumbing.batch_loader import BatchLoader
from shared.plumbing.identity import VOUCHED_HEADER
from shared.testing.rawsocket import frame
from shared.wire.problems import Malformed


async def test_a_hello_in_the_upgrades_own_packet_is_answered(cluster: Cluster) -> None:
    """Also with more behind it than fits one read of the HTTP parser."""
    identity = "".join(f"{name}: {value}\r\n" for name, value in cluster.identity("ann", "relay").items())
    head = (
        "GET /messages HTTP/1.1\r\nHost: duet\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Sec-WebSocket-Protocol: other, duet.v1\r\n{identity}\r\n"
    ).encode()
    pings = frame(b'{"type":"ping"}' + b" " * 1000) * 100
    reader, writer = await asyncio.open_unix_connection(cluster.path("relay-1"))
    try:
        writer.write(head + frame(b'{"type":"hello"}') + pings)
        async with asyncio.timeout(10):
            answer = (await reader.readuntil(b"\r\n\r\n")).decode()
            assert answer.startswith("HTTP/1.1 101 ")
            assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer
            assert "Sec-WebSocket-Protocol: duet.v1\r\n" in answer
            assert b'"welcome"' in await reader.readuntil(b"}")
            got = b""
            while got.count(b'"pong"') < 100:
                got += await reader.read(65_536)
    finally:
        writer.close()


def upgrade(path: str, headers: dict[str, str]) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1", "Host: relay", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode()


async def answered(cluster: Cluster, *parts: bytes) -> str:
    """The head of the answer to bytes that come one after the other."""
    reader, writer = await asyncio.open_unix_connection(cluster.path("relay-1"))
    try:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            return (await reader.readuntil(b"\r\n\r\n")).decode()
    finally:
        writer.close()


def by_the_gateway(cluster: Cluster, name: str) -> dict[str, str]:
    return {**cluster.tokens.program("gateway", "relay"), VOUCHED_HEADER: vouched(cluster, name)}


async def test_an_upgrade_as_the_gateway_writes_it_opens_a_socket(cluster: Cluster) -> None:
    """For somebody this node has never met, and then again for somebody it knows."""
    await cluster.sign_up("carol")
    for _ in range(2):
        answer = await answered(cluster, upgrade("/messages/Carol", by_the_gateway(cluster, "ann")))
        assert answer.startswith("HTTP/1.1 101 ")
        assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer


async def test_whoever_cannot_be_written_to_is_a_404(cluster: Cluster) -> None:
    for peer in ("nobody", "ann", "x", "%62ob%00"):
        answer = await answered(cluster, upgrade(f"/messages/{peer}", by_the_gateway(cluster, "ann")))
        assert answer.startswith("HTTP/1.1 404 "), peer


async def test_what_nobody_foresaw_is_an_answer_too(cluster: Cluster) -> None:
    """Somebody waits at the other end of a socket that opens only when a name has been looked up."""

    async def fail(names: list[str]) -> dict[str, int]:
        raise RuntimeError(names)

    cluster.node("relay-1").calls._unknown_names = BatchLoader(fail, 256)
    answer = await answered(cluster, upgrade("/messages/carol", by_the_gateway(cluster, "ann")))
    assert answer.startswith("HTTP/1.1 500 ")


async def test_a_head_in_two_packets_is_read_whole(cluster: Cluster) -> None:
    head = upgrade("/messages", by_the_gateway(cluster, "ann"))
    assert (await answered(cluster, head[:40], head[40:])).startswith("HTTP/1.1 101 ")


async def test_odd_heads_are_refused(cluster: Cluster) -> None:
    good = by_the_gateway(cluster, "ann")
    for odd in ({"Content-Length": "5"}, {"Transfer-Encoding": "chunked"}, {"X-Odd": "a\r\n folded: yes"}):
        answer = await answered(cluster, upgrade("/messages", {**good, **odd}))
        assert answer.split()[1] == "400", odd


def test_a_header_of_blanks_keeps_nobody_waiting() -> None:
    head = {"Connection": "a" + " " * 60_000 + "b", "Upgrade": "websocket"}
    started = time.process_time()
    with pytest.raises(Malformed):
        handshake(CIMultiDict(head))
    assert time.process_time() - started < 0.1


async def test_an_idle_socket_has_no_task(cluster: Cluster) -> None:
    await cluster.connect("ann")  # from now on the node's own connections to other programs are open
    before = len(asyncio.all_tasks())
    sockets = [await cluster.connect("ann") for _ in range(10)]
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before + len(sockets):  # each has the reader of this test
            await asyncio.sleep(0.01)
