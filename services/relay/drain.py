"""The end of a node: no new sockets, its batches finished, its sockets told to go elsewhere, a few at a time."""

import asyncio
import contextlib
import random

from services.relay.node import Node
from shared.wire.frames import Close

_BATCHES_WITHIN_S = 2.0
_STEP_S = 0.05


async def drain(node: Node) -> None:
    """Takes at most drain_s + 2 s."""
    node.draining = True
    sockets = list(node.connections)
    random.shuffle(sockets)
    steps = max(1, round(node.config.drain_s / _STEP_S))
    for step in range(steps):
        if not node.connections:
            break
        for socket in sockets[step::steps]:
            socket.close(Close.RESTART, "this node restarts")
        await asyncio.sleep(_STEP_S)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_BATCHES_WITHIN_S):
            await node.batcher.finished()
