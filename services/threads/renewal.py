"""After a backup was restored: a new log id, so that clients forget what is not in the backup."""

from pathlib import Path
from uuid import UUID

from services.threads.config import Config
from services.threads.queries import restored
from shared.plumbing.postgres.migrations import migrate_by
from shared.plumbing.postgres.single import connected, transaction

_MIGRATIONS = Path(__file__).parent / "migrations"


async def renew_log(config: Config) -> list[UUID]:
    """Gives each shard of the log a new id and returns them."""
    return [await _renew(url) for url in (config.postgres_url, *config.shard_urls.split())]


async def _renew(url: str) -> UUID:
    async with connected(url) as connection:
        await migrate_by(connection, "threads", _MIGRATIONS)
        async with transaction(connection, "threads"):
            await restored.adopt_transactions(connection)
            return await restored.renew_log_id(connection)
