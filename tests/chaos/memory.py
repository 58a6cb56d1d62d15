"""How large each process of an instance grew."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import psutil

from tests.chaos.instance import Instance

_EVERY_S = 0.5
_MIB = 1024 * 1024


class Memory:
    """peak_mib: the largest resident size seen of each program, over all its lives. first_mib: at the start."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.peak_mib: dict[str, float] = {}
        self.first_mib: dict[str, float] = {}

    def sample(self) -> None:
        for name in self._instance.product.names():
            with contextlib.suppress(psutil.Error, OSError, ValueError):
                mib = round(self._instance.process(name).memory_info().rss / _MIB, 1)
                self.first_mib.setdefault(name, mib)
                self.peak_mib[name] = max(mib, self.peak_mib.get(name, 0.0))

    async def watch(self) -> None:
        while True:
            self.sample()
            await asyncio.sleep(_EVERY_S)


@contextlib.asynccontextmanager
async def memory_of(instance: Instance) -> AsyncIterator[Memory]:
    """Samples twice a second."""
    memory = Memory(instance)
    watching = asyncio.create_task(memory.watch())
    try:
        yield memory
    finally:
        watching.cancel()
