"""A connection for what is done once. It leaves nothing in its session, so that it may go through any pooler."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from asyncpg import connect

WRITABLE = "read-write"
"""Of several servers in a URL, every program takes the one that takes writes."""


@contextlib.asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Any]:
    """For transactions only: what is between two of them may each time be asked of another session."""
    connection = await connect(dsn, timeout=5, target_session_attrs=WRITABLE, statement_cache_size=0)
    try:
        yield connection
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def transaction(connection: Any, schema: str) -> AsyncIterator[None]:
    """One in which names without a schema are those of `schema`."""
    async with connection.transaction():
        await connection.execute(f'SET LOCAL search_path = "{schema}"')
        yield


async def is_pooled(connection: Any) -> bool:
    """Whether another program stands between, which announced itself as the server."""
    async with connection.transaction():
        asked = await connection.fetchval("SELECT pg_backend_pid()")
    return bool(asked != connection.get_server_pid())
