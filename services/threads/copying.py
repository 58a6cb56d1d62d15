"""Rows on their way from one server to another, a piece at a time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

_PIECES = 8
"""On their way at once, of 64 KB or so."""


class Copied:
    """How much has been copied."""

    def __init__(self) -> None:
        self.rows = 0
        self.bytes = 0


async def copy(source: Any, query: str, *args: Any, target: Any, table: str, copied: Copied) -> int:
    """What the query answers becomes rows of the table; how many. The caller owns the transaction of the target.

    The query's columns are the table's, in its order.
    """
    pieces: asyncio.Queue[bytes | None] = asyncio.Queue(_PIECES)

    async def read() -> None:
        try:
            await source.copy_from_query(query, *args, output=pieces.put, format="binary")
        finally:
            await pieces.put(None)

    async def told() -> AsyncIterator[bytes]:
        while (piece := await pieces.get()) is not None:
            copied.bytes += len(piece)
            yield piece

    reading = asyncio.create_task(read())
    try:
        done: str = await target.copy_to_table(table, source=told(), format="binary")
        await reading
    finally:
        reading.cancel()
    rows = int(done.rpartition(" ")[2])
    copied.rows += rows
    return rows
