"""How many rows each table has: of a database, or of the very snapshot that is dumped."""

import asyncio
from collections.abc import Callable

import asyncpg

_TABLES = r"""
SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND relpersistence <> 't' AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
"""

Rows = dict[str, int]


async def counted(dsn: str, password: str | None = None, dump: Callable[[str], object] | None = None) -> Rows:
    """By the tables' names. dump: runs meanwhile and is told the snapshot, so that the counts are of what it sees."""
    conn = await asyncpg.connect(dsn, password=password)
    try:
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            if dump is not None:
                await asyncio.to_thread(dump, await conn.fetchval("SELECT pg_export_snapshot()"))
            names = [row[0] for row in await conn.fetch(_TABLES)]
            return {name: await conn.fetchval(f"SELECT count(*) FROM {name}") for name in names}  # noqa: S608  # quoted
    finally:
        await conn.close()
