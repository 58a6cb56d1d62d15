"""A fresh durable PostgreSQL and a fresh Valkey for one target, on the disk the repository is on."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.embedded.postgres import ROLE, PostgresServer
from shared.embedded.running import running_valkey, started
from shared.embedded.valkey import ValkeyServer

REPOSITORY = Path(__file__).resolve().parents[2]
DATABASE = "peer"


@dataclass(frozen=True)
class Servers:
    """environment: what a peer reads."""

    directory: Path
    postgres: PostgresServer
    environment: dict[str, str]
    roots: dict[str, list[int]]

    @property
    def url(self) -> str:
        """Of the peer's database."""
        return self.postgres.dsn(DATABASE)


@contextmanager
def scratch_directory(name: str) -> Iterator[Path]:
    """An empty directory, gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix=f"var-bench-{name}-", dir=REPOSITORY))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True)
class _Postgres(PostgresServer):
    """address: where it listens beside its Unix socket, empty for nowhere."""

    address: str = ""

    def command(self) -> list[str]:
        return [*super().command(), "-c", f"listen_addresses={self.address}"]


@contextmanager
def fresh_servers(name: str, address: str = "") -> Iterator[Servers]:
    """address: an IP address on which PostgreSQL listens too, at port 5432."""
    with scratch_directory(name) as directory:
        postgres = _Postgres(directory / "postgres", directory / "postgres-socket", address=address)
        with started(postgres), running_valkey(directory / "valkey") as valkey:
            yield _prepared(directory, postgres, valkey)


def _prepared(directory: Path, postgres: PostgresServer, valkey: ValkeyServer) -> Servers:
    postgres.ensure_database(DATABASE)
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PG")},
        "PGHOST": str(postgres.socket_dir),
        "PGPORT": "5432",
        "PGUSER": ROLE,
        "PGDATABASE": DATABASE,
        "PEER_REDIS_URL": valkey.url,
        "PEER_SECRET_KEY": os.urandom(32).hex(),
        "NODE_ENV": "production",
    }
    redis_pid = next(
        int(line.partition(":")[2])
        for line in valkey.ask("INFO server").splitlines()
        if line.startswith("process_id:")
    )
    postgres_pid = postgres.running_pid()
    assert postgres_pid is not None
    return Servers(directory, postgres, environment, {"postgres": [postgres_pid], "redis": [redis_pid]})
