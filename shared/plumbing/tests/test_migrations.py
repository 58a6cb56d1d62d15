"""Migrations: once each, in order, by one program at a time."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from shared.embedded.postgres import PostgresServer
from shared.plumbing.postgres import migrating
from shared.plumbing.postgres.database import database
from shared.plumbing.postgres.migrations import (
    MigrationError,
    NotMigratedError,
    _mark,
    expect,
    migrate,
    numbered,
)

_SERVICES = Path(__file__).parents[3] / "services"


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


@pytest.mark.parametrize("sharded", [False, True])
def test_only_a_schema_that_may_be_on_several_servers_is_made_on_all(
    postgres_server: PostgresServer,
    empty_database_url: str,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    sharded: bool,
) -> None:
    postgres_server.create_database("shard")
    try:
        monkeypatch.setenv("DUET_POSTGRES_URL", empty_database_url)
        monkeypatch.setenv("DUET_SHARD_URLS", postgres_server.dsn("shard"))
        assert migrating.main("sample", files, sharded=sharded) == 0
        assert asyncio.run(rows(empty_database_url)) == 1
        found = postgres_server.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'sample'", "shard")
        assert found.strip() == str(int(sharded))
    finally:
        postgres_server.drop_database("shard")


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


async def test_an_older_program_serves_on_what_says_that_it_can(empty_database_url: str, files: Path) -> None:
    (files / "003_third.sql").write_text(
        "-- compatible from 002: adds what nobody has to know of.\nSELECT 1;"
    )
    (files / "004_fourth.sql").write_text("-- compatible from 001\nSELECT 1;")
    assert len(await migrate(empty_database_url, "sample", files)) == 4
    for name in ("004_fourth.sql", "003_third.sql"):
        (files / name).unlink()
        assert await migrate(empty_database_url, "sample", files) == []
        await expect(empty_database_url, "sample", files)
    (files / "002_second.sql").unlink()
    for look in (migrate, expect):
        with pytest.raises(MigrationError, match=r"at 4, newer than .* at 1: it serves versions from 2 on"):
            await look(empty_database_url, "sample", files)


async def test_a_schema_of_a_version_without_marks_is_brought_on(
    empty_database_url: str, files: Path
) -> None:
    await migrate(empty_database_url, "sample", files)
    connection = await asyncpg.connect(empty_database_url)
    try:
        await connection.execute("ALTER TABLE sample.migrations DROP COLUMN compatible_from")
    finally:
        await connection.close()
    await expect(empty_database_url, "sample", files)
    (files / "003_third.sql").write_text("INSERT INTO things VALUES (2);")
    assert await migrate(empty_database_url, "sample", files) == ["003_third.sql"]


async def test_a_program_that_may_not_migrate_waits_until_somebody_has(
    empty_database_url: str, files: Path
) -> None:
    needs = r"sample is at 0, .* needs 2: run `python -m services\.sample migrate`"
    with pytest.raises(NotMigratedError, match=needs):
        await expect(empty_database_url, "sample", files)
    with pytest.raises(NotMigratedError, match=needs):
        async with database(empty_database_url, "sample", files, patience_s=0, migrating=False):
            pass
    opened = asyncio.Event()

    async def serve() -> None:
        async with database(empty_database_url, "sample", files, migrating=False) as db:
            await db.check()
            opened.set()

    serving = asyncio.create_task(serve())
    await migrate(empty_database_url, "sample", files)
    async with asyncio.timeout(30):
        await serving
    assert opened.is_set()


def test_the_verb_migrates_one_service_and_needs_to_know_its_database_alone(
    empty_database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text(empty_database_url)
    told = {name: text for name, text in os.environ.items() if not name.startswith("DUET_")}
    told["DUET_NOTIFY_POSTGRES_URL_FILE"] = str(tmp_path / "url")
    verb = [sys.executable, "-m", "services.notify", "migrate"]
    done = [
        subprocess.run(verb, env=told, cwd=_SERVICES.parent, capture_output=True, text=True) for _ in range(2)
    ]
    assert [one.returncode for one in done] == [0, 0], done[0].stderr
    assert "001_notify.sql" in done[0].stdout.splitlines()[-1]
    assert done[1].stdout.splitlines()[-1] == "notify: nothing to do"
    told["DUET_NOTIFY_POSTGRES_URL_FILE"] = str(tmp_path / "nowhere")
    refused = subprocess.run(verb, env=told, cwd=_SERVICES.parent, capture_output=True, text=True)
    assert (refused.returncode, "DUET_NOTIFY_POSTGRES_URL_FILE" in refused.stderr) == (1, True)


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


@pytest.mark.parametrize(
    "directory", sorted(_SERVICES.glob("*/migrations")), ids=lambda path: path.parent.name
)
def test_a_mark_names_a_file_before_its_own(directory: Path) -> None:
    for number, path in numbered(directory).items():
        first = path.read_text().partition("\n")[0]
        assert ("compatible from" in first) == (_mark(first) is not None), path
        assert 0 < (_mark(first) or 1) <= max(1, number - 1), path
