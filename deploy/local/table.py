"""What `make run` starts, in which order, and what each program is told."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.leftovers import MARK
from deploy.local.probes import Probe, port_probe, postgres_probe, socket_probe, valkey_probe
from deploy.local.program import Program, Stage
from deploy.local.settings import REPOSITORY, Settings
from shared.embedded.directories import socket_directory
from shared.embedded.postgres import SOCKET_NAME, PostgresServer
from shared.embedded.valkey import ValkeyServer

_SHARED = ("shared/wire", "shared/plumbing")


def embedded_postgres(settings: Settings) -> PostgresServer:
    return PostgresServer(settings.data_dir / "postgres", _sockets(settings) / "postgres")


def stages(settings: Settings) -> list[Stage]:
    """In starting order: the servers, what owns data, what people connect to."""
    postgres, valkey = embedded_postgres(settings), ValkeyServer(_sockets(settings) / "redis")
    told = environment(settings, postgres, valkey)
    relays = [_program(f"relay-{number}", "services.relay", settings, told) for number in _numbers(settings)]
    return [
        [_postgres(postgres)] if settings.needs_embedded_postgres else [],
        [] if settings.redis_url else [_valkey(valkey, told)],
        [_program(name, f"services.{name}", settings, told) for name in ("auth", "threads", "game")],
        [_gateway(settings, told), *relays],
    ]


def environment(settings: Settings, postgres: PostgresServer, valkey: ValkeyServer) -> dict[str, str]:
    """What all programs are told alike, on top of our own environment."""
    sockets = _sockets(settings)
    told = {
        **os.environ,
        MARK: str(settings.data_dir),
        "PYTHONUNBUFFERED": "1",
        "DUET_PORT": str(settings.port),
        "DUET_BIND": settings.bind,
        "DUET_DATA_DIR": str(settings.data_dir),
        "DUET_KEYS_DIR": str(settings.keys_dir),
        "DUET_REDIS_URL": settings.redis_url or valkey.url,
        "DUET_RELAY_URLS": ",".join(
            f"relay-{number}=unix:{sockets}/relay-{number}.sock" for number in _numbers(settings)
        ),
        **{f"DUET_{name.upper()}_URL": f"unix:{sockets}/{name}.sock" for name in ("auth", "threads", "game")},
    }
    if settings.postgres_url or settings.needs_embedded_postgres:
        told["DUET_POSTGRES_URL"] = settings.postgres_url or postgres.dsn()
    return told


def _numbers(settings: Settings) -> range:
    return range(1, settings.relays + 1)


def _sockets(settings: Settings) -> Path:
    return socket_directory(settings.run_dir, f"postgres/{SOCKET_NAME}")


def _postgres(server: PostgresServer) -> Program:
    return Program(
        name="postgres",
        command=server.command(),
        ready=postgres_probe(server),
        prepare=server.prepare,
        once_ready=server.ensure_database,
        options=server.spawn_options(),
        stop_signal=signal.SIGINT,  # SIGTERM would wait for somebody's open psql
        stop_within_s=30.0,
    )


def _valkey(server: ValkeyServer, told: Mapping[str, str]) -> Program:
    return Program("redis", server.command(), valkey_probe(server), options={"env": told, "cwd": REPOSITORY})


def _gateway(settings: Settings, told: Mapping[str, str]) -> Program:
    host = urlsplit(settings.public_url).netloc
    ready = port_probe(settings.address, settings.port, host)
    return _program("gateway", "gateway", settings, told, ready)


def _program(
    name: str, module: str, settings: Settings, told: Mapping[str, str], ready: Probe | None = None
) -> Program:
    socket = _sockets(settings) / f"{name}.sock"
    return Program(
        name=name,
        command=[sys.executable, "-m", module],
        ready=ready or socket_probe(socket),
        prepare=lambda: socket.unlink(missing_ok=True),
        options={
            "env": {**told, "DUET_LISTEN": f"unix:{socket}", "DUET_NODE": name},
            "cwd": REPOSITORY,
        },
        watched=(module.replace(".", "/"), *_SHARED),
    )
