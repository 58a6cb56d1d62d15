"""The proxy does to a connection what it says, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chaos.proxy import Proxy, proxy


@pytest.fixture
async def echo(tmp_path: Path) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1000):
            writer.write(chunk)
        writer.close()

    server = await asyncio.start_unix_server(serve, tmp_path / "echo.sock")
    yield f"unix:{tmp_path}/echo.sock"
    server.close()


@pytest.fixture
async def between(echo: str, tmp_path: Path) -> AsyncIterator[Proxy]:
    async with proxy(f"unix:{tmp_path}/proxy.sock", echo) as opened:
        yield opened


async def connect(between: Proxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_unix_connection(between.listen.path)


async def test_bytes_pass_unchanged_in_both_directions(between: Proxy) -> None:
    reader, writer = await connect(between)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    assert between.passed == [5, 5]
    writer.close()


async def test_a_lost_answer_reaches_upstream_and_never_comes_back(between: Proxy) -> None:
    reader, writer = await connect(between)
    between.answers_lost = True
    writer.write(b"hello")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(5), 0.2)
    assert between.lost_bytes == 5
    writer.close()


async def test_a_black_hole_holds_everything_until_it_ends(between: Proxy) -> None:
    reader, writer = await connect(between)
    writer.write(b"1")
    assert await reader.readexactly(1) == b"1"
    between.blackhole()
    writer.write(b"2")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)
    between.through()
    assert await reader.readexactly(1) == b"2"
    writer.close()


async def test_a_dead_peer_is_silent_and_the_time_of_upstreams_goodbye_is_kept(between: Proxy) -> None:
    reader, writer = await connect(between)
    writer.write(b"1")
    assert await reader.readexactly(1) == b"1"
    between.die()
    writer.write(b"2")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)
    fresh_reader, fresh_writer = await connect(between)
    fresh_writer.write(b"3")
    assert await fresh_reader.readexactly(1) == b"3"
    fresh_writer.close()
    writer.close()
    await writer.wait_closed()
    assert between.connections >= 1, "upstream was told that the dead person hung up"
    assert between.goodbyes == []


async def test_a_cut_ends_the_connection_after_exactly_that_many_bytes(between: Proxy) -> None:
    reader, writer = await connect(between)
    between.cut_after(3, direction=1)
    writer.write(b"hello")
    assert await reader.readexactly(3) == b"hel"
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)


async def test_a_delay_is_felt_once_in_each_direction(between: Proxy) -> None:
    reader, writer = await connect(between)
    between.delay_s = 0.1
    began = time.monotonic()
    writer.write(b"x")
    await reader.readexactly(1)
    assert time.monotonic() - began >= 0.2
    writer.close()
