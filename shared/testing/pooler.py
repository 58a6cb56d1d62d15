"""PgBouncer before a PostgreSQL, which lends a session of the server's to one transaction at a time.

    DUET_TEST_POOLED=1 .venv/bin/python -m pytest services

runs tests whose programs reach their databases through one; the tests' own hands still go straight to PostgreSQL.
"""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from shared.embedded.account import let_through, postgres_account
from shared.embedded.directories import socket_directory
from shared.embedded.postgres import ROLE, PostgresServer
from shared.embedded.running import child
from shared.plumbing.postgres import single

ASKED_FOR = "DUET_TEST_POOLED"
_SOCKET = ".s.PGSQL.6432"


class Pooler:
    """A PgBouncer in `directory` before `server`."""

    def __init__(self, server: PostgresServer, directory: Path) -> None:
        self.directory = socket_directory(directory, _SOCKET, postgres_account().uid)
        self._direct = f"host={quote(str(server.socket_dir), safe='/')}&port=5432"
        self._pooled = f"host={quote(str(self.directory), safe='/')}&port=6432"

    def dsn(self, dsn: str) -> str:
        """The same database through it; any other server's as it is."""
        return dsn.replace(self._direct, self._pooled)

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.directory / _SOCKET)) == 0


@contextmanager
def pooling(server: PostgresServer, directory: Path, *, size: int = 3, also: str = "") -> Iterator[Pooler]:
    """size: how many sessions of the server's it has for each database; they take turns, so that nobody keeps one.

    also: other lines of its settings.
    """
    program = shutil.which(
        os.environ.get("DUET_TEST_PGBOUNCER", "pgbouncer"), path=f"{os.environ['PATH']}:/usr/sbin"
    )
    if program is None:
        pytest.skip("no PgBouncer is installed (Debian: pgbouncer)")
    pooler, account = Pooler(server, directory), postgres_account()
    told = pooler.directory / "pgbouncer.ini"
    told.write_text(f"""
[databases]
* = host={server.socket_dir} port=5432 user={ROLE}
[pgbouncer]
unix_socket_dir = {pooler.directory}
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = {size}
server_round_robin = 1
max_client_conn = 1000
{also}
""")
    let_through(pooler.directory / _SOCKET, account)
    if account.spawn_options():
        for path in (pooler.directory, told):
            os.chown(path, account.uid, account.gid)
    with child([program, str(told)], pooler.answers, signal.SIGTERM, **server.spawn_options()):
        yield pooler


@contextmanager
def all_pooled(pooler: Pooler) -> Iterator[None]:
    """Everything of ours goes through it that is started in this process."""
    create_pool, connect = asyncpg.create_pool, asyncpg.connect

    def pool(dsn: str, **options: Any) -> Any:
        return create_pool(pooler.dsn(dsn), **options)

    def connection(dsn: str, **options: Any) -> Any:
        return connect(pooler.dsn(dsn), **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncpg, "create_pool", pool)
        patch.setattr(single, "connect", connection)
        yield
