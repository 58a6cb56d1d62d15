"""The connection to Redis for the hot commands, to one server or to a cluster: whichever answers at the URL.

No command is ever sent twice, except to where a cluster says that it belongs; it has done nothing with it then.
"""

import asyncio
from typing import Any

from redis.asyncio.connection import parse_url

from shared.plumbing.redis.cluster import Cluster
from shared.plumbing.redis.server import Command, RedisServer, Word

__all__ = ["Command", "RedisConnection", "Word"]


class RedisConnection:
    """url: as for redis-py. timeout_s: for an answer; after it the connection is dropped for all who wait on it."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self._first = RedisServer(parse_url(url), timeout_s)
        self._cluster: Cluster | None = None
        self._connecting = asyncio.Lock()

    async def clustered(self) -> bool:
        """Whether keys are spread over several servers. Raises as `ask` if nobody can say."""
        if self._cluster is None and not self._first.open:
            await self._connect()
        return self._cluster is not None

    async def ask(self, *commands: Command) -> list[Any]:
        """An answer a command. Raises RedisError (also for a command that fails), OSError, TimeoutError."""
        answers = await self.ask_each(*commands)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    async def ask_each(self, *commands: Command) -> list[Any]:
        """As `ask`, with errors among the answers. Raises if there is no answer at all."""
        if not commands:
            return []
        if self._cluster is None and not self._first.open:
            await self._connect()
        if self._cluster is not None:
            return await self._cluster.exchange(commands)
        return await self._first.exchange(commands)

    async def _connect(self) -> None:
        async with self._connecting:
            if self._cluster is None and await self._first.connect():
                self._cluster = Cluster(self._first, self._timeout_s)

    def close(self) -> None:
        """Ends the connections; the next question makes new ones."""
        self._first.close()
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None
