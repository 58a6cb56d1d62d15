"""Mutual TLS between programs: nobody without a certificate, and a new one without a failed call."""

import asyncio
import contextlib
import gc
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from shared.plumbing import watched_file
from shared.plumbing.app import listen
from shared.plumbing.http.client import HttpClient
from shared.plumbing.http.head import open_head, request_head
from shared.plumbing.http.web import json_response
from shared.plumbing.transport import tls
from shared.plumbing.transport.address import Address
from shared.plumbing.transport.detach import detach, handed_over
from shared.plumbing.transport.packets import ASK, Packets, grant, open_packets
from shared.plumbing.transport.tls import Certificates
from shared.testing.authority import Authority, put
from shared.testing.packets import PacketSocket
from shared.testing.product import free_port
from shared.wire.problems import Unavailable


class Echo(Packets):
    def received(self, packet: bytes) -> None:
        self.send(packet)


async def echo(request: web.Request) -> web.StreamResponse:
    """As threads grants a link."""
    opened = Echo(1 << 20)
    transport, arrived = detach(request, opened)
    transport.write(grant())
    opened.start(transport, arrived)
    return handed_over()


async def live(request: web.Request) -> web.Response:
    return json_response({"status": "up"})


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def directory(tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of this process, which is both ends."""
    monkeypatch.setattr(watched_file, "_LOOK_EVERY_S", 0.0)
    put(tmp_path / "program", authority)
    monkeypatch.setattr(tls, "_armed", Certificates(tmp_path / "program"))
    return tmp_path / "program"


@pytest.fixture
async def server(directory: Path) -> AsyncIterator[Address]:
    app = web.Application()
    app.add_routes([web.get("/health/live", live), web.get("/link", echo)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    address = Address(host="127.0.0.1", port=free_port())
    await listen(runner, address, tls.listener())
    yield address
    await runner.cleanup()


async def call(address: Address) -> None:
    """Over a connection of its own. Raises Unavailable."""
    client = HttpClient("program", address)
    try:
        assert (await client.ask(open_head("/health/live", "program"))).status == 200
    finally:
        client.close()


async def refused(
    address: Address, monkeypatch: pytest.MonkeyPatch, certificates: Certificates | None
) -> None:
    with monkeypatch.context() as other:
        other.setattr(tls, "_armed", certificates)
        with pytest.raises(Unavailable):
            await call(address)


async def test_calls_and_links_go_over_tls(server: Address) -> None:
    await call(server)
    head = request_head("GET /link", "program", "x", ASK)
    link = await open_packets(server, head, PacketSocket())
    for packet in (b"one", b"x" * 1_000_000):
        await link.write(packet)
        assert await link.receive() == packet
    link.close()


async def test_who_has_no_certificate_of_ours_is_refused(
    server: Address, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await refused(server, monkeypatch, None)  # plain HTTP
    strangers = Certificates(put(tmp_path / "stranger", Authority(tmp_path, "theirs"), authority))
    await refused(server, monkeypatch, strangers)
    nobody = ssl.create_default_context(cafile=str(authority.ca))
    reader, writer = await asyncio.open_connection(server.host, server.port, ssl=nobody)
    writer.write(open_head("/health/live", "program"))
    with contextlib.suppress(OSError):  # the other end says why, or just ends
        assert await reader.read() == b""
    writer.transport.abort()
    await call(server)


async def test_a_program_at_the_wrong_name_or_of_another_authority_is_not_believed(
    server: Address, authority: Authority, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    believer = Certificates(put(tmp_path / "believer", authority, Authority(tmp_path, "theirs")))
    await refused(server, monkeypatch, believer)
    put(directory, authority, host="127.0.0.9")
    with pytest.raises(Unavailable):
        await call(server)


async def test_who_is_found_by_a_name_is_believed_by_that_name(
    server: Address, authority: Authority, directory: Path
) -> None:
    """As relays are: `dns:relay:9000`."""
    put(directory, authority, host="relay")
    await call(Address(host=server.host, port=server.port, name="relay"))
    with pytest.raises(Unavailable):
        await call(server)


async def test_certificates_and_their_authority_are_replaced_under_calls_and_none_fails(
    server: Address, authority: Authority, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_one, made = Authority(tmp_path, "next"), 0
    first = Certificates(put(tmp_path / "first", authority, authority, next_one))

    async def calling() -> None:
        nonlocal made
        while True:
            await call(server)
            made += 1

    async def some_calls() -> None:
        before = made
        while made < before + 5:
            assert not any(task.done() for task in tasks), [task.exception() for task in tasks if task.done()]
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(calling()) for _ in range(2)]
    async with asyncio.timeout(60):
        await some_calls()
        put(directory, authority, authority, next_one)
        await some_calls()
        put(directory, next_one, authority, next_one)
        await some_calls()
        (directory / "key.pem").write_text("half of a")
        await some_calls()
        put(directory, next_one, next_one)
        await some_calls()
    for task in tasks:
        task.cancel()
    await refused(server, monkeypatch, first)


async def test_a_balancer_with_nobody_behind_it_leaves_no_error_unheard(directory: Path) -> None:
    """It takes a connection and ends it before anything is encrypted."""

    def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    unheard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: unheard.append(context))
    async with await asyncio.start_server(end, "127.0.0.1", 0) as server:
        address = Address(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
        with pytest.raises(OSError):
            await open_packets(address, request_head("GET /link", "threads", "x", ASK), Echo(1 << 20))
    gc.collect()
    assert unheard == []
