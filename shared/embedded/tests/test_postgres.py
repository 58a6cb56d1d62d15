import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from shared.embedded.errors import EmbeddedError
from shared.embedded.postgres import PostgresServer
from shared.embedded.running import running_postgres
from shared.testing.clusters import put_cluster


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A cluster in which no server has run yet."""
    put_cluster(tmp_path / "data")
    return tmp_path / "data"


async def test_a_database_starts_empty_and_belongs_to_a_role_that_is_no_superuser(
    empty_database_url: str,
) -> None:
    connection = await asyncpg.connect(empty_database_url)
    try:
        await connection.execute("create schema auth create table accounts (name text)")
        row = await connection.fetchrow(
            "select current_user::text as role, rolsuper, current_setting('server_encoding') as encoding, "
            "current_setting('data_checksums') as checksums, lower('ÄÉ') as folded "
            "from pg_roles where rolname = current_user"
        )
    finally:
        await connection.close()
    assert dict(row) == {
        "role": "duet", "rolsuper": False, "encoding": "UTF8", "checksums": "on", "folded": "äé",
    }  # fmt: skip


def test_what_was_written_is_there_after_the_next_start(tmp_path: Path) -> None:
    with running_postgres(tmp_path / "data") as server:
        server.ensure_database()
        server.execute("create table kept as select 42 as answer", "duet")
    with running_postgres(tmp_path / "data") as server:
        server.ensure_database()
        assert server.execute("select answer from kept", "duet").strip() == "42"


def test_a_replacement_that_fails_half_way_leaves_the_database_as_it_was(made: Path) -> None:
    with running_postgres(made) as server:
        server.ensure_database()
        server.execute("create table kept as select 42 as answer", "duet")
        with pytest.raises(EmbeddedError, match='database "absent" does not exist'):
            server.replace_database("duet", "absent")
        assert server.execute("select answer from kept", "duet").strip() == "42"


def test_data_that_were_set_aside_and_not_replaced_are_the_database_again(made: Path) -> None:
    with running_postgres(made) as server:
        server.ensure_database()
        server.execute("create table kept as select 42 as answer", "duet")
        server.execute("alter database duet rename to duet_replaced")
        server.ensure_database()
        assert server.execute("select answer from kept", "duet").strip() == "42"


def test_a_new_file_of_the_log_holds_commits_up_for_a_few_milliseconds_only(made: Path) -> None:
    with running_postgres(made) as server:
        assert server.execute("show wal_segment_size").strip() == "4MB"


def test_a_directory_of_another_version_is_refused_with_both_versions_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 16 and this is 18"):
        PostgresServer(data, tmp_path / "socket").prepare()


def test_an_initdb_that_was_killed_half_way_is_begun_again(tmp_path: Path) -> None:
    half = tmp_path / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with running_postgres(tmp_path / "data") as server:
        assert server.execute("select 1").strip() == "1"


def test_a_lock_file_whose_number_went_to_another_process_does_not_prevent_a_start(made: Path) -> None:
    with running_postgres(made):
        pass
    (made / "postmaster.pid").write_text(f"{os.getpid()}\n{made}\n")
    with running_postgres(made) as server:
        assert server.execute("select 1").strip() == "1"


async def test_a_start_waits_for_the_backends_of_a_killed_postmaster(made: Path) -> None:
    with running_postgres(made) as server:
        postmaster = server.running_pid()
        assert postmaster is not None
        connection = await asyncpg.connect(server.dsn("postgres", "postgres"))
        backend = psutil.Process(await connection.fetchval("select pg_backend_pid()"))
        backend.suspend()  # it cannot notice that its postmaster is gone
        os.kill(postmaster, signal.SIGKILL)
        await asyncio.to_thread(os.waitid, os.P_PID, postmaster, os.WEXITED | os.WNOWAIT)
        start = asyncio.create_task(asyncio.to_thread(server.prepare))
        done, _ = await asyncio.wait({start}, timeout=0.5)
        assert not done
        assert (made / "postmaster.pid").exists()
        backend.resume()
        await start
        # Its memory and files are given back before the kernel calls it a zombie.
        assert await asyncio.to_thread(ends, backend)
        connection.terminate()


def test_a_very_long_data_directory_gets_a_short_socket_and_always_the_same(tmp_path: Path) -> None:
    data = tmp_path / ("d" * 120) / "data"
    with running_postgres(data) as server:
        assert len(str(server.socket_dir)) < 80
        assert server.socket_dir == PostgresServer(data, server.socket_wanted).socket_dir
        assert server.execute("select 1").strip() == "1"
    server.socket_dir.rmdir()


def test_a_closed_home_directory_above_the_data_stays_closed_to_others(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with running_postgres(home / "data") as server:
        assert server.execute("select 1").strip() == "1"
    assert home.stat().st_mode & 0o007 == 0


def test_the_server_ends_when_the_test_run_is_killed(made: Path) -> None:
    script = textwrap.dedent(
        """
        import pathlib, sys
        from shared.embedded.running import running_postgres
        with running_postgres(pathlib.Path(sys.argv[1])) as server:
            print(server.running_pid(), flush=True)
            sys.stdin.read()
        """
    )
    command = [sys.executable, "-c", script, str(made)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        postmaster = psutil.Process(int(run.stdout.readline()))
        run.send_signal(signal.SIGKILL)
        assert ends(postmaster)


def ends(process: psutil.Process, within_s: float = 30.0) -> bool:
    """Whether the process, which is not our child, ends in that time."""
    deadline = time.monotonic() + within_s
    while lives(process) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not lives(process)


def lives(process: psutil.Process) -> bool:
    """Not so a zombie that init has not yet waited for."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
