"""A second PostgreSQL that follows the first one, to be promoted in its place."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from shared.embedded.account import let_through, postgres_account
from shared.embedded.postgres import BINARIES, ROLE, PostgresServer
from shared.embedded.running import started

_POLL_S = 0.01
REPLICATING = {"wal_level": "replica", "max_wal_senders": "4", "wal_keep_size": "64MB"}
"""What a server is told that others follow, or that follows one."""


def _way_to(primary: PostgresServer, name: str) -> str:
    return f"host={primary.socket_dir} port=5432 user=postgres application_name={name}"


def follower(primary: PostgresServer, data_dir: Path, name: str = "standby") -> PostgresServer:
    """A copy of `primary`, which runs, that follows it once it is started. name: as the primary knows it."""
    account = postgres_account()
    data_dir.mkdir(mode=0o700)
    let_through(data_dir.absolute(), account)
    if account.spawn_options():
        os.chown(data_dir, account.uid, account.gid)
    command = [
        BINARIES / "pg_basebackup",
        "-d",
        _way_to(primary, name),
        "-D",
        data_dir,
        "-R",
        "-c",
        "fast",
        "--no-sync",
    ]
    options = primary.spawn_options()
    subprocess.run(command, check=True, capture_output=True, **options)  # type: ignore[call-overload]
    sockets = data_dir.with_name(f"{data_dir.name}-socket")
    return PostgresServer(data_dir, sockets, primary.durable, primary.settings)


@contextmanager
def following(primary: PostgresServer, data_dir: Path) -> Iterator[PostgresServer]:
    """A started follower."""
    server = follower(primary, data_dir)
    with started(server):
        yield server


def has_everything(primary: PostgresServer, standby: PostgresServer) -> None:
    """Waits until the standby has replayed what the primary has written by now."""
    now = primary.execute("select pg_current_wal_insert_lsn()").strip()
    while standby.execute(f"select pg_last_wal_replay_lsn() >= '{now}'").strip() != "t":
        time.sleep(_POLL_S)


def stop_following(server: PostgresServer) -> None:
    """Whatever is committed from now on, it does not get."""
    server.execute("alter system set primary_conninfo = ''")
    server.execute("select pg_reload_conf()")
    while server.execute("select count(*) from pg_stat_wal_receiver").strip() != "0":
        time.sleep(_POLL_S)


def follow_again(server: PostgresServer, primary: PostgresServer) -> None:
    """From where it stopped."""
    server.execute(f"alter system set primary_conninfo = '{_way_to(primary, 'standby')}'")
    server.execute("select pg_reload_conf()")


def promote(server: PostgresServer) -> None:
    """Returns once it takes writes."""
    server.execute("select pg_promote()")


def either(*servers: PostgresServer) -> str:
    """The URL of whichever takes writes."""
    hosts = ",".join(quote(str(server.socket_dir), safe="/") for server in servers)
    ports = ",".join("5432" for _ in servers)
    return f"postgresql://{ROLE}@/{ROLE}?host={hosts}&port={ports}"
