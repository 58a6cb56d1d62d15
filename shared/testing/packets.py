"""The other end of a connection that carries packets, for tests."""

import asyncio
from collections.abc import Mapping

from shared.plumbing.http.head import bearer, request_head
from shared.plumbing.transport.address import Address
from shared.plumbing.transport.packets import ASK, Packets, open_packets

_PATIENCE_S = 10.0
_MAX_BYTES = 64 * 1024 * 1024


class PacketSocket(Packets):
    """What comes is kept until it is asked for."""

    def __init__(self) -> None:
        super().__init__(_MAX_BYTES)
        self._arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._taken = asyncio.Event()

    def received(self, packet: bytes) -> None:
        self._arrived.put_nowait(packet)

    def lost(self) -> None:
        self._taken.set()
        self._arrived.put_nowait(None)

    def drained(self) -> None:
        self._taken.set()

    async def write(self, packet: bytes) -> None:
        """Sends, and waits while the other end does not read."""
        self.send(packet)
        await asyncio.sleep(0)
        while self.slow and self.open:
            self._taken.clear()
            await self._taken.wait()

    async def receive(self) -> bytes | None:
        """The next packet; None at the end. Raises TimeoutError."""
        async with asyncio.timeout(_PATIENCE_S):
            return await self._arrived.get()


async def open_socket(address: Address, path: str, headers: Mapping[str, str]) -> PacketSocket:
    """headers: as `Tokens` makes them. Raises OSError if no packets are granted."""
    head = request_head(f"GET {path}", "program", bearer(headers), ASK)
    return await open_packets(address, head, PacketSocket())
