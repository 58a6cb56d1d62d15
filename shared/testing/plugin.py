"""The pytest plugin: a PostgreSQL and a Valkey of their own for every test process, never the user's.

postgres_url, redis_url   one database, one server for the whole session (an xdist worker is a session)
database_url              a database for one test, with the tables of every service as a start makes them (databases.py)
empty_database_url        one without
tmp_path                  a directory for one test
clean_redis_url           the session's server, emptied before the test
pooler, pooled            a PgBouncer before PostgreSQL; with the second one, the test's programs go through it
taken                     the spans of this process, all of which are taken
postgres_server, valkey_server   the servers themselves, to create databases or to ask
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from shared.embedded.postgres import PostgresServer
from shared.embedded.running import running_postgres, running_valkey
from shared.embedded.valkey import ValkeyServer
from shared.plumbing.postgres.migrations import migrate
from shared.plumbing.telemetry import traces
from shared.plumbing.telemetry.traces import Span, Tracer
from shared.testing.clusters import PREFIX, put_cluster
from shared.testing.databases import Databases
from shared.testing.pooler import ASKED_FOR, Pooler, all_pooled, pooling
from shared.testing.scratch import keep_in_memory

_MOST_SHARDS = 3
SHARDS_ASKED_FOR = "DUET_TEST_SHARDS"
"""Set, it has the tests of threads run with the log over three databases."""

_REPOSITORY = Path(__file__).resolve().parents[2]
_numbers = itertools.count(1)


def pytest_configure() -> None:
    keep_in_memory()


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """Where this session's servers keep their files. Removed afterwards; a killed session's, by the next one."""
    _remove_leftovers()
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True) as path:
        yield Path(path)


@pytest.fixture
def tmp_path(server_directory: Path) -> Iterator[Path]:
    """Replaces pytest's own, which locks its root directory whenever another session starts; PostgreSQL's user (when we
    are root) would then be locked out of its cluster. The names are also short enough for sockets."""
    path = Path(tempfile.mkdtemp(dir=server_directory))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(server_directory: Path) -> Iterator[PostgresServer]:
    put_cluster(server_directory / "postgres")
    with running_postgres(server_directory / "postgres") as server:
        server.ensure_database()
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """DSN of one database for the whole session."""
    return postgres_server.dsn()


@pytest.fixture
def database_url(_databases: Databases, _perhaps_pooled: None) -> Iterator[str]:
    """DSN of a database that is this test's alone; connections left open are ended after it."""
    yield _databases.lend()
    _databases.take_back()


@pytest.fixture
def empty_database_url(postgres_server: PostgresServer, _perhaps_pooled: None) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    postgres_server.create_database(name)
    yield postgres_server.dsn(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def _databases(postgres_server: PostgresServer) -> Iterator[Databases]:
    """With every service's tables: to migrate one for each test would take a third of a short test's time."""
    name = "migrated"
    postgres_server.create_database(name)
    for directory in sorted((_REPOSITORY / "services").glob("*/migrations")):
        asyncio.run(migrate(postgres_server.dsn(name), directory.parent.name, directory))
    databases = Databases(postgres_server, name)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def _shards(postgres_server: PostgresServer, _databases: Databases) -> Iterator[list[Databases]]:
    shards = [Databases(postgres_server, "migrated") for _ in range(_MOST_SHARDS - 1)]
    yield shards
    for databases in shards:
        databases.close()


@pytest.fixture
def further_shards(_shards: list[Databases], database_url: str) -> Iterator[list[str]]:
    """DSNs of two databases that are this test's alone, as shards of the log beside that of `database_url`."""
    yield [databases.lend_shard() for databases in _shards]
    for databases in _shards:
        databases.take_back()


@pytest.fixture(scope="session")
def pooler(
    postgres_server: PostgresServer, _databases: Databases, server_directory: Path
) -> Iterator[Pooler]:
    """Not before the template is made: it would keep sessions there, and nothing could be copied from it."""
    with pooling(postgres_server, server_directory / "pooler") as running:
        yield running


@pytest.fixture
def pooled(pooler: Pooler) -> Iterator[Pooler]:
    with all_pooled(pooler):
        yield pooler


@pytest.fixture
def shard_urls(request: pytest.FixtureRequest) -> str:
    """As DUET_THREADS_SHARD_URLS; "" unless the tests are asked to have a log over several servers."""
    return " ".join(request.getfixturevalue("further_shards")) if os.environ.get(SHARDS_ASKED_FOR) else ""


@pytest.fixture
def _perhaps_pooled(request: pytest.FixtureRequest) -> None:
    if os.environ.get(ASKED_FOR):
        request.getfixturevalue("pooled")


@pytest.fixture(scope="session")
def valkey_server(server_directory: Path) -> Iterator[ValkeyServer]:
    with running_valkey(server_directory / "valkey") as server:
        yield server


@pytest.fixture(scope="session")
def redis_url(valkey_server: ValkeyServer) -> str:
    return valkey_server.url


@pytest.fixture
def clean_redis_url(valkey_server: ValkeyServer) -> str:
    assert valkey_server.ask("FLUSHALL").startswith("+OK")
    return valkey_server.url


def _remove_leftovers() -> None:
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = directory.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def taken() -> Iterator[list[Span]]:
    """All spans that end here."""
    spans: list[Span] = []
    traces.tracer = Tracer(1.0, spans.append)
    yield spans
    traces.tracer = None
