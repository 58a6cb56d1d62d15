"""A fresh durable PostgreSQL and a fresh Valkey for one target, on the disk the repository is on."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.embedded.postgres import ROLE, PostgresServer
from shared.embedded.running import running_postgres, running_valkey

REPOSITORY = Path(__file__).resolve().parents[2]
DATABASE = "peer"


@dataclass(frozen=True)
class Servers:
    """environment: what a peer reads."""

    directory: Path
    postgres: PostgresServer
    environment: dict[str, str]
    roots: dict[str, list[int]]


@contextmanager
def scratch_directory(name: str) -> Iterator[Path]:
    """An empty directory, gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix=f"var-bench-{name}-", dir=REPOSITORY))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def fresh_servers(name: str) -> Iterator[Servers]:
    with (
        scratch_directory(name) as directory,
        running_postgres(directory / "postgres", durable=True) as postgres,
        running_valkey(directory / "valkey") as valkey,
    ):
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
        yield Servers(directory, postgres, environment, {"postgres": [postgres_pid], "redis": [redis_pid]})
