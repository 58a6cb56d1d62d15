"""Numbered SQL files, each applied once, in order, by one program at a time."""

import re
from pathlib import Path

import asyncpg
import structlog

_FILE = re.compile(r"(\d{3})_[a-z0-9_]+\.sql\Z")
WRITABLE = "read-write"
"""Of several servers in a URL, every program takes the one that takes writes."""

_LOCK = 0x64756574  # "duet": migrations of all schemas wait for each other


class MigrationError(Exception):
    """The schema was made by a newer version, or a file is misnamed."""


async def migrate(dsn: str, schema: str, directory: Path | None) -> None:
    """Creates `schema` if it is missing and applies the files in `directory` that it lacks, each in one transaction."""
    if directory is None:
        return
    files = numbered(directory)
    connection = await asyncpg.connect(
        dsn, timeout=5, target_session_attrs=WRITABLE, server_settings={"search_path": schema}
    )
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (number int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        done = await connection.fetchval("SELECT coalesce(max(number), 0) FROM migrations")
        if done > max(files, default=0):
            raise MigrationError(f"schema {schema} is at {done}, newer than this version of Duet")
        for number, path in files.items():
            if number > done:
                async with connection.transaction():
                    await connection.execute(path.read_text())
                    await connection.execute("INSERT INTO migrations VALUES ($1, $2)", number, path.name)
                structlog.get_logger().info("migrated", schema=schema, file=path.name)
    finally:
        await connection.close()


def numbered(directory: Path) -> dict[int, Path]:
    """The migration files by number, ascending from 1 without gaps."""
    files: dict[int, Path] = {}
    for path in sorted(directory.glob("*.sql")):
        match = _FILE.match(path.name)
        if match is None:
            raise MigrationError(f"{path.name} is not named NNN_words.sql")
        if (number := int(match[1])) in files:
            raise MigrationError(f"{path.name} has the number of {files[number].name}")
        files[number] = path
    if list(files) != list(range(1, len(files) + 1)):
        raise MigrationError(f"the files in {directory} are not numbered 1, 2, 3 …")
    return files
