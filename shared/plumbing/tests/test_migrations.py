"""Migrations: once each, in order, by one program at a time."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from shared.plumbing.migrations import MigrationError, migrate


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "001_first.sql").write_text("CREATE TABLE things (id int);")
    (tmp_path / "002_second.sql").write_text("INSERT INTO things VALUES (1);")
    return tmp_path


async def rows(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM sample.things"))
    finally:
        await connection.close()


async def test_programs_that_start_together_apply_each_file_once(
    empty_database_url: str, files: Path
) -> None:
    await asyncio.gather(*(migrate(empty_database_url, "sample", files) for _ in range(4)))
    assert await rows(empty_database_url) == 1


async def test_a_file_that_fails_leaves_nothing_behind(empty_database_url: str, files: Path) -> None:
    (files / "003_third.sql").write_text("INSERT INTO things VALUES (2); SELECT 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty_database_url, "sample", files)
    assert await rows(empty_database_url) == 1


async def test_a_newer_schema_is_not_touched(empty_database_url: str, files: Path) -> None:
    await migrate(empty_database_url, "sample", files)
    (files / "002_second.sql").unlink()
    with pytest.raises(MigrationError, match="newer"):
        await migrate(empty_database_url, "sample", files)


async def test_gaps_and_odd_names_are_refused(tmp_path: Path, empty_database_url: str) -> None:
    (tmp_path / "002_second.sql").write_text("SELECT 1;")
    with pytest.raises(MigrationError, match="numbered"):
        await migrate(empty_database_url, "sample", tmp_path)
    (tmp_path / "first.sql").write_text("SELECT 1;")
    with pytest.raises(MigrationError, match="named"):
        await migrate(empty_database_url, "sample", tmp_path)


async def test_two_files_of_one_number_are_refused(empty_database_url: str, files: Path) -> None:
    (files / "002_another.sql").write_text("SELECT 1;")
    with pytest.raises(MigrationError, match="has the number of"):
        await migrate(empty_database_url, "sample", files)
