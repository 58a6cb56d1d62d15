"""The link without a network."""

import asyncio
from typing import Any

import aiohttp
import pytest

from services.relay.log.link import Link, LinkLost
from shared.wire.log import AppendBatch


class ClosingSocket:
    """Its transport is gone, and the loop has not told anybody yet."""

    closed = False

    async def send_frame(self, *_: object) -> None:
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")

    async def close(self) -> None:
        self.closed = True


async def test_nobody_asks_again_over_a_closing_transport() -> None:
    """A batch is repeated until it is answered: without a turn of the loop, the node would spin forever."""
    unused: Any = None
    link, socket = Link(unused, unused, unused), ClosingSocket()
    link._socket = socket  # type: ignore[assignment]
    link._connected.set()
    with pytest.raises(LinkLost):
        await link.ask(AppendBatch(1, "relay-1", []))
    assert socket.closed
    assert not link.up
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await link.ask(AppendBatch(1, "relay-1", []))
