"""What the two asyncpg peers share: accounts, sessions, threads, one INSERT a message."""

import os
import secrets
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

SCHEMA = Path(__file__).with_name("schema.sql").read_text()
REDIS_URL = os.environ.get("PEER_REDIS_URL", "")


async def open_pool() -> Any:
    """A pool on the database that PGHOST, PGUSER and PGDATABASE name, with its tables made."""
    pool = await asyncpg.create_pool(min_size=5, max_size=20)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(1)")
        await connection.execute(SCHEMA)
    return pool


async def log_in(pool: Any, username: str) -> str:
    """A new session's token; makes the account if it is new."""
    token = secrets.token_urlsafe(32)
    account = await pool.fetchval(
        "INSERT INTO accounts (username) VALUES ($1)"
        " ON CONFLICT (username) DO UPDATE SET username = excluded.username RETURNING id",
        username,
    )
    await pool.execute("INSERT INTO sessions VALUES ($1, $2)", token, account)
    return token


async def account_of(pool: Any, token: str) -> tuple[int, str] | None:
    """(id, username) of a session's owner."""
    row = await pool.fetchrow(
        "SELECT a.id, a.username FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE token = $1",
        token,
    )
    return (row["id"], row["username"]) if row else None


class Threads:
    """Thread ids by pair; they never change, so they are kept."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._known: dict[tuple[int, str], int] = {}

    async def of(self, sender: int, to: str) -> int:
        """The thread of a person and a name."""
        key = (sender, to)
        if key not in self._known:
            peer = await self._pool.fetchval("SELECT id FROM accounts WHERE username = $1", to)
            low, high = sorted((sender, peer))
            self._known[key] = await self._pool.fetchval(
                "INSERT INTO threads (low, high) VALUES ($1, $2)"
                " ON CONFLICT (low, high) DO UPDATE SET low = excluded.low RETURNING id",
                low,
                high,
            )
        return self._known[key]

    async def append(self, sender: int, to: str, client_id: str, text: str) -> int:
        """The stored message's id."""
        thread = await self.of(sender, to)
        stored: int = await self._pool.fetchval(
            "INSERT INTO messages (thread_id, sender_id, client_id, text) VALUES ($1, $2, $3, $4) RETURNING id",
            thread,
            sender,
            UUID(client_id),
            text,
        )
        return stored
