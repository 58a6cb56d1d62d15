"""A byte proxy between two programs, or in front of the gateway, that can be slow, deaf, forgetful or cut."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from shared.plumbing.transport.address import Address

_CHUNK_BYTES = 65_536


_Link = tuple[asyncio.StreamWriter, asyncio.StreamWriter]


def _is_goodbye(chunk: bytes) -> bool:
    """Whether a server's chunk begins with a websocket close frame."""
    return chunk[:1] == b"\x88"


class Proxy:
    """Faults are attributes and hold for open and new connections alike.

    delay_s: before each chunk is passed on. answers_lost: what comes from upstream is dropped.
    connections: open now; passed: bytes to and from upstream.
    goodbyes: when upstream sent the close frame of a websocket that had died (monotonic seconds).
    """

    def __init__(self, listen: Address, upstream: Address) -> None:
        self.listen, self.upstream = listen, upstream
        self.delay_s = 0.0
        self.answers_lost = False
        self.passed = [0, 0]
        self.goodbyes: list[float] = []
        self.lost_bytes = 0
        self._open = asyncio.Event()
        self._open.set()
        self._cut_after: list[int | None] = [None, None]
        self._links: set[_Link] = set()
        self._dead: set[_Link] = set()
        self._server: asyncio.Server | None = None

    @property
    def connections(self) -> int:
        return len(self._links)

    def blackhole(self) -> None:
        """Packets vanish: neither side learns of it."""
        self._open.clear()

    def through(self) -> None:
        """The end of a black hole."""
        self._open.set()

    def die(self) -> None:
        """The people of all open connections vanish silently; new connections work as usual."""
        self._dead |= self._links

    def cut(self) -> None:
        """Both ends of every connection see a reset."""
        for pair in list(self._links):
            for writer in pair:
                writer.transport.abort()

    def cut_after(self, count: int, direction: int) -> None:
        """Ends the connection on which byte `count` from now passes. direction: 0 to upstream, 1 from it."""
        self._cut_after[direction] = self.passed[direction] + count

    async def start(self) -> None:
        """Listens."""
        if self.listen.path:
            Path(self.listen.path).unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, self.listen.path)
        else:
            self._server = await asyncio.start_server(self._serve, self.listen.host, self.listen.port)

    async def stop(self) -> None:
        """Cuts everything and stops listening."""
        if self._server is not None:
            self._server.close()
        self.through()
        self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._open.wait()
            up_reader, up_writer = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        link = (writer, up_writer)
        self._links.add(link)
        pumps = [
            asyncio.create_task(self._pump(reader, link, 0)),
            asyncio.create_task(self._pump(up_reader, link, 1)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            if link in self._dead:  # a network that is gone does not pass on that the person hung up
                await pumps[1]
        finally:
            self._links.discard(link)
            self._dead.discard(link)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for end in link:
                end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.upstream.path:
            return await asyncio.open_unix_connection(self.upstream.path)
        return await asyncio.open_connection(self.upstream.host, self.upstream.port)

    async def _pump(self, reader: asyncio.StreamReader, link: _Link, direction: int) -> None:
        writer = link[1 - direction]
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK_BYTES):
                await self._open.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if link in self._dead:
                    if direction and _is_goodbye(chunk):
                        self.goodbyes.append(time.monotonic())
                    continue
                if direction and self.answers_lost:
                    self.lost_bytes += len(chunk)
                    continue
                limit = self._cut_after[direction]
                if limit is not None and self.passed[direction] + len(chunk) >= limit:
                    await self._cut_within(chunk[: limit - self.passed[direction]], writer, direction)
                    return
                self.passed[direction] += len(chunk)
                writer.write(chunk)
                await writer.drain()

    async def _cut_within(self, last: bytes, writer: asyncio.StreamWriter, direction: int) -> None:
        self._cut_after[direction] = None
        self.passed[direction] += len(last)
        writer.write(last)
        await writer.drain()
        writer.close()  # a reset would throw away what is on its way


@contextlib.asynccontextmanager
async def proxy(listen: str, upstream: str) -> AsyncIterator[Proxy]:
    """Addresses as in DUET_*_URL: `unix:/path` or `host:port`."""
    opened = Proxy(Address.parse(listen), Address.parse(upstream))
    await opened.start()
    try:
        yield opened
    finally:
        await opened.stop()
