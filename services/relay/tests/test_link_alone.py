"""The link without a network."""

import asyncio
from typing import Any

import pytest

from services.relay.log.link import Link
from services.relay.log.linked import Linked, LinkLost
from shared.wire.link import AppendBatch


class Closing(asyncio.Transport):
    """It is gone, and the loop has not told anybody yet."""

    def is_closing(self) -> bool:
        return True

    def abort(self) -> None:
        """Once more."""


async def test_nobody_asks_again_over_a_closing_transport() -> None:
    """A batch is repeated until it is answered: without a turn of the loop, the node would spin forever."""
    unused: Any = None
    link, connection = Link(unused, unused, unused, unused), Linked(unused, unused)
    connection.start(Closing())
    link._connection = connection
    link._connected.set()
    with pytest.raises(LinkLost):
        await link.ask(AppendBatch(1, "relay-1", []))
    assert not link.up
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await link.ask(AppendBatch(1, "relay-1", []))
