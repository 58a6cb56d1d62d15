"""People with a network that hardly moves must not slow anybody else down."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import msgspec

from shared.testing.rawsocket import RawSocket, frame
from tests.chaos.comparison import compare
from tests.chaos.pair import Pair
from tests.chaos.run import Run
from tests.chaos.scenario import scenario

_READERS = 100
_BYTES_A_SECOND = 1
_SETTLE_S = 2.0
_MOST_MIB = 96.0


async def slow_reader(url: str, pair: Pair, stop: asyncio.Event) -> None:
    """Another device of the first person: says hello, then reads a byte a second."""
    parts = urlsplit(url)
    person, peer = pair.people[0], pair.people[1].username
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, (parts.hostname, parts.port))
    raw = RawSocket(*await asyncio.open_connection(sock=connection, limit=16))
    try:
        raw.reader._limit = 2**16  # type: ignore[attr-defined]  # the handshake's answer is longer than a drip
        assert await raw.upgrade(f"/messages/{peer}", parts.netloc, f"Cookie: {person.cookie}") == 101
        raw.reader._limit = 16  # type: ignore[attr-defined]
        await raw.send(frame(msgspec.json.encode({"type": "hello", "cursors": {peer: 0}})))
        with contextlib.suppress(ConnectionError, TimeoutError):
            while not stop.is_set() and await raw.reader.read(_BYTES_A_SECOND):
                await asyncio.sleep(1.0)
    finally:
        raw.abort()


@contextlib.asynccontextmanager
async def slow_readers_of(run: Run) -> AsyncIterator[None]:
    """All of them are there within the block, and read on."""
    run.memory.mark()
    stop = asyncio.Event()
    pairs = [run.crowd.pairs[number % len(run.crowd.pairs)] for number in range(_READERS)]
    readers = [asyncio.create_task(slow_reader(run.instance.public_url, pair, stop)) for pair in pairs]
    await asyncio.sleep(_SETTLE_S)
    yield
    stop.set()
    for reader in readers:
        reader.cancel()
    ends = await asyncio.gather(*readers, return_exceptions=True)
    failed = [end for end in ends if isinstance(end, AssertionError)]
    run.measure("slow readers that never were let in", len(failed), 0, "sockets")


@scenario("slow-readers")
async def slow_readers(run: Run) -> None:
    """100 sockets that read one byte a second: others wait at most 1.5 times as long, memory is bounded."""
    await compare(run, max(run.seconds_wanted, 10.0), slow_readers_of(run), "slow readers")
    program, growth = run.memory.most_grown()
    run.measure(f"most growth, of {program}", growth, _MOST_MIB, "MiB")
