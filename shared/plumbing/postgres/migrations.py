"""Numbered SQL files, each applied once, in order, by one program at a time."""

import re
from pathlib import Path
from typing import Any

import structlog

from shared.plumbing.postgres.single import connected, transaction

_FILE = re.compile(r"(\d{3})_[a-z0-9_]+\.sql\Z")
_LOCK = 0x64756574  # "duet": migrations of all schemas wait for each other


_MARK = re.compile(r"-- compatible from (\d{3})\b")
"""How a file may begin: a program whose own last file is that one, or a later one, can serve on what this one makes."""

_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    number int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE migrations ADD COLUMN IF NOT EXISTS compatible_from int
"""
# A schema may come from a version that knew of no marks.
_STATE = """
SELECT coalesce(max(number), 0) AS done,
    coalesce(max(coalesce((to_jsonb(m) ->> 'compatible_from')::int, number)) FILTER (WHERE number > $1), 0) AS demanded
FROM migrations AS m
"""
_KEEP = "INSERT INTO migrations (number, name, compatible_from) VALUES ($1, $2, $3)"


class MigrationError(Exception):
    """The schema is of a version that this one cannot serve on, or a file is misnamed."""


class NotMigratedError(MigrationError):
    """The schema lacks what this version needs, and it is not ours to bring it up to date."""


async def migrate(dsn: str, schema: str, directory: Path | None) -> list[str]:
    """Creates `schema` if it is missing and applies the files in `directory` that it lacks, each in one transaction.

    Returns their names. Raises MigrationError for a schema that is too new.
    """
    async with connected(dsn) as connection:
        return await migrate_by(connection, schema, directory)


async def migrate_by(connection: Any, schema: str, directory: Path | None) -> list[str]:
    """The same by a connection that there is."""
    files, applied = numbered(directory) if directory else {}, list[str]()
    while files:
        async with transaction(connection, schema):
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            await connection.execute(_TABLE)
            done = await _done(connection, schema, max(files))
            if (path := files.get(done + 1)) is None:
                break
            text = path.read_text()
            await connection.execute(text)
            await connection.execute(_KEEP, done + 1, path.name, _mark(text))
        structlog.get_logger().info("migrated", schema=schema, file=path.name)
        applied.append(path.name)
    return applied


async def expect(dsn: str, schema: str, directory: Path | None) -> None:
    """Changes nothing. Raises NotMigratedError, MigrationError unless a program with these files can serve."""
    async with connected(dsn) as connection:
        await expect_by(connection, schema, directory)


async def expect_by(connection: Any, schema: str, directory: Path | None) -> None:
    """The same by a connection that there is."""
    last = max(numbered(directory), default=0) if directory else 0
    if not last:
        return
    async with transaction(connection, schema):
        is_there = await connection.fetchval("SELECT to_regclass('migrations') IS NOT NULL")
        done = await _done(connection, schema, last) if is_there else 0
    if done < last:
        raise NotMigratedError(
            f"schema {schema} is at {done}, and this version of Duet needs {last}:"
            f" run `python -m services.{schema} migrate`"
        )


async def _done(connection: Any, schema: str, last: int) -> int:
    """The last file that was applied. last: the caller's own. Raises MigrationError if that cannot serve any more."""
    done, demanded = await connection.fetchrow(_STATE, last)
    if demanded > last:
        raise MigrationError(
            f"schema {schema} is at {done}, newer than this version of Duet, which is at {last}:"
            f" it serves versions from {demanded} on"
        )
    return int(done)


def _mark(text: str) -> int | None:
    mark = _MARK.match(text)
    return int(mark[1]) if mark else None


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
