"""After a backup was restored: a new log id, so that clients forget what is not in the backup."""

from pathlib import Path
from uuid import UUID

import asyncpg

from services.threads.config import Config
from services.threads.queries import restored
from shared.plumbing.postgres.migrations import migrate

_MIGRATIONS = Path(__file__).parent / "migrations"


async def renew_log(config: Config) -> UUID:
    """Gives the log a new id and returns it."""
    await migrate(config.postgres_url, "threads", _MIGRATIONS)
    connection = await asyncpg.connect(
        config.postgres_url, timeout=5, server_settings={"search_path": "threads"}
    )
    try:
        async with connection.transaction():
            await restored.adopt_transactions(connection)
            return await restored.renew_log_id(connection)
    finally:
        await connection.close()
