"""`python -m services.X migrate`: brings the schema of that program up to date, before its next version starts."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import msgspec

from shared.plumbing.postgres.migrations import MigrationError, migrate
from shared.plumbing.settings import config as configuration
from shared.plumbing.telemetry import log


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """All that it needs to know. shard_urls: further servers of a schema that is on several."""

    postgres_url: str
    shard_urls: str = ""
    log_level: str = "info"


def main(schema: str, directory: Path, *, sharded: bool = False) -> int:
    """The exit status: 1 if it could not be done, and whole files of it may have been. sharded: as DUET_SHARD_URLS."""
    where = configuration.read(Where, prefer=schema)
    log.configure(schema, where.log_level)
    try:
        for url in (where.postgres_url, *(where.shard_urls.split() if sharded else ())):
            applied = asyncio.run(migrate(url, schema, directory))
            sys.stdout.write(f"{schema}: {', '.join(applied) or 'nothing to do'}\n")
    except (MigrationError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        sys.stderr.write(f"duet: {schema} cannot be migrated: {error}\n")
        return 1
    return 0
