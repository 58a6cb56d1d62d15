"""The upgrade, byte for byte."""

import asyncio

from services.relay.tests.cluster import Cluster
from services.relay.tests.transport import masked


async def test_a_hello_in_the_upgrades_own_packet_is_answered(cluster: Cluster) -> None:
    """Also with more behind it than fits one read of the HTTP parser."""
    token = cluster.identity("ann", "relay")["Authorization"]
    head = (
        "GET /messages HTTP/1.1\r\nHost: duet\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Sec-WebSocket-Protocol: other, duet.v1\r\nAuthorization: {token}\r\n\r\n"
    ).encode()
    pings = masked(b'{"type":"ping"}' + b" " * 1000) * 100
    reader, writer = await asyncio.open_unix_connection(cluster.path("relay-1"))
    try:
        writer.write(head + masked(b'{"type":"hello"}') + pings)
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


async def test_an_idle_socket_has_no_task(cluster: Cluster) -> None:
    await cluster.connect("ann")  # from now on the node's own connections to other programs are open
    before = len(asyncio.all_tasks())
    sockets = [await cluster.connect("ann") for _ in range(10)]
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before + len(sockets):  # each has the reader of this test
            await asyncio.sleep(0.01)
