"""Long work in parts, between which everybody else has a turn of the loop."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

T = TypeVar("T")
PART = 1000


async def in_parts(items: Sequence[T], size: int = PART) -> AsyncIterator[Sequence[T]]:
    """At most `size` of the items at a time, and at least one part, if an empty one."""
    yield items[:size]
    for start in range(size, len(items), size):
        await asyncio.sleep(0)
        yield items[start : start + size]
