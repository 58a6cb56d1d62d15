"""Looks at all sockets once a second: pings silent ones, closes dead ones and stuck readers."""

import asyncio
from collections.abc import Collection

from services.relay.connection import Connection
from shared.wire.frames import Close

LOOK_EVERY_S = 1.0
_FROZEN_S = 5.0
"""A look that comes so late says that this node stood still, and nothing of its peers."""


class Heartbeat:
    """All times in seconds."""

    def __init__(
        self,
        sockets: Collection[Connection],
        ping_after_s: float,
        silent_after_s: float,
        stuck_after_s: float,
    ) -> None:
        self._sockets = sockets
        self._ping_after_s = ping_after_s
        self._silent_after_s = silent_after_s
        self._stuck_after_s = stuck_after_s

    async def run(self) -> None:
        """Looks once a second, forever."""
        loop = asyncio.get_running_loop()
        looked_at = loop.time()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now = loop.time()
            if now - looked_at < _FROZEN_S:
                self.look(now)
            looked_at = now

    def look(self, now: float) -> None:
        """now: the loop's time."""
        for socket in list(self._sockets):
            silent_s = now - socket.heard_at
            if socket.slow:
                socket.look_for_progress(now)
                if now - socket.progress_at >= self._stuck_after_s:
                    socket.close(Close.TRY_LATER, "reads too slowly")
            elif socket.held or silent_s < self._ping_after_s:
                continue  # while we do not read, silence says nothing about the peer
            elif silent_s >= self._silent_after_s and socket.pinged:
                socket.close(Close.NO_HEARTBEAT, "no heartbeat")
            elif not socket.pinged:
                socket.ping()
