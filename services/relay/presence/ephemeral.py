"""Passes frames that are not stored (typing, presence) to users on any node. Best effort."""

import asyncio

import msgspec

from services.relay.delivery.hub import Hub
from services.relay.transport.framing import text_frame
from shared.plumbing.redis.client import Redis
from shared.plumbing.redis.streams import Told, publish
from shared.wire.accounts import Setting
from shared.wire.log import Notice

_MAX_WAITING = 20_000
_MAX_A_ROUND = 1000


class Ephemeral:
    """Local connections get them at once, other nodes through their streams, in one call a round."""

    def __init__(self, hub: Hub, redis: Redis, node: str) -> None:
        self._hub = hub
        self._redis = redis
        self._node = node
        self._waiting: list[Notice] = []
        self._wake = asyncio.Event()

    def post(self, user: int, frame: bytes, about: Setting) -> None:
        """frame: JSON, for every connection of `user`. Dropped when too many wait.

        about: the setting that it is about. That the sender shows it is seen to by who calls this, that `user` does by
        the node where they are.
        """
        self._hub.notify(user, text_frame(frame), about)
        if len(self._waiting) < _MAX_WAITING:
            self._waiting.append(Notice(user, msgspec.Raw(frame), about))
            self._wake.set()

    def arrived(self, notice: Notice) -> None:
        """One for this node's own users, from its stream or the link."""
        self._hub.notify(notice.user, text_frame(notice.frame), notice.about)

    async def run(self) -> None:
        """Sends round after round, forever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                part, self._waiting = self._waiting[:_MAX_A_ROUND], self._waiting[_MAX_A_ROUND:]
                await publish(self._redis, [Told(self._node, notices=part)])
