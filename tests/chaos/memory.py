"""How large each process of an instance grew."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import psutil

from tests.chaos.instance import Instance

_EVERY_S = 0.5
_MIB = 1024 * 1024


class Memory:
    """peak_mib: the largest resident size seen of each program, over all its lives."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.peak_mib: dict[str, float] = {}
        self._before: dict[str, float] = {}
        self._since: dict[str, float] = {}

    def mark(self) -> None:
        """Growth counts from now."""
        self._before = self._sizes()
        self._since = dict(self._before)

    def most_grown(self) -> tuple[str, float]:
        """The program that grew most since the mark, and by how many MiB at its peak. PostgreSQL is left out."""
        growth = {
            name: size - self._before[name] for name, size in self._since.items() if name in self._before
        }
        growth.pop("postgres", None)
        name = max(growth, key=lambda name: growth[name])
        return name, round(growth[name], 1)

    def sample(self) -> None:
        for name, mib in self._sizes().items():
            self.peak_mib[name] = max(mib, self.peak_mib.get(name, 0.0))
            self._since[name] = max(mib, self._since.get(name, 0.0))

    def _sizes(self) -> dict[str, float]:
        found = {}
        for name in self._instance.product.names():
            with contextlib.suppress(psutil.Error, OSError, ValueError):
                found[name] = round(self._instance.process(name).memory_info().rss / _MIB, 1)
        return found

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
