"""A semaphore for each key: of what one person asks for, only so much is under way at a time, and the rest waits."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Hashable


class KeyedSemaphore:
    """at_once: how many of one key."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._free: dict[Hashable, tuple[asyncio.Semaphore, int]] = {}

    def __len__(self) -> int:
        return len(self._free)

    @contextlib.asynccontextmanager
    async def of(self, key: Hashable) -> AsyncIterator[None]:
        """A place among those of `key`, once there is one."""
        free, wanted = self._free.get(key) or (asyncio.Semaphore(self._at_once), 0)
        self._free[key] = free, wanted + 1
        try:
            async with free:
                yield
        finally:
            free, wanted = self._free[key]
            if wanted == 1:
                del self._free[key]
            else:
                self._free[key] = free, wanted - 1
