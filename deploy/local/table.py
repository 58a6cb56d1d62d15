"""What `make run` starts, in which order, and what each program is told."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.leftovers import MARK
from deploy.local.probes import Probe, both, port_probe, postgres_probe, socket_probe, valkey_probe
from deploy.local.program import Program, Stage
from deploy.local.settings import OWNERS_OF_DATA, REPOSITORY, Settings
from shared.embedded.directories import socket_directory
from shared.embedded.postgres import SOCKET_NAME, PostgresServer
from shared.embedded.valkey import ValkeyServer
from shared.plumbing.settings.files import SUFFIX, file_of, with_settings
from shared.plumbing.settings.known import KNOWN

_SHARED = ("shared/wire", "shared/plumbing")
_STOP_WITHIN_S = 10.0
_SECRET = ("DUET_POSTGRES_URL", "DUET_REDIS_URL")
"""What the programs read from the file themselves, if we have it from one."""


def embedded_postgres(settings: Settings) -> PostgresServer:
    return PostgresServer(settings.data_dir / "postgres", _sockets(settings) / "postgres")


def embedded_valkey(settings: Settings) -> ValkeyServer:
    return ValkeyServer(_sockets(settings) / "redis")


def stages(settings: Settings) -> list[Stage]:
    """In starting order: the servers, what owns data, what people connect to."""
    relays = [f"relay-{number}" for number in _numbers(settings)]
    return [
        [_postgres(embedded_postgres(settings))] if settings.needs_embedded_postgres else [],
        [] if settings.redis_url else [_valkey(embedded_valkey(settings), settings)],
        [_program(name, f"services.{name}", settings) for name in OWNERS_OF_DATA],
        [_gateway(settings), *(_program(name, "services.relay", settings) for name in relays)],
        [] if settings.backup == "off" else [_program("backup", "deploy.local.backups", settings)],
    ]


def environment(name: str, settings: Settings) -> dict[str, str]:
    """What the program `name` is told, on top of our own environment."""
    sockets = _sockets(settings)
    told = {
        MARK: str(settings.data_dir),
        "PYTHONUNBUFFERED": "1",
        "DUET_LISTEN": f"unix:{socket_of(name, settings)}",
        "DUET_NODE": name,
        "DUET_PORT": str(settings.port),
        "DUET_BIND": settings.bind,
        "DUET_DATA_DIR": str(settings.data_dir),
        "DUET_KEYS_DIR": str(settings.keys_dir),
        "DUET_REDIS_URL": settings.redis_url or embedded_valkey(settings).url,
        "DUET_RELAY_URLS": ",".join(
            f"relay-{number}=unix:{sockets}/relay-{number}.sock" for number in _numbers(settings)
        ),
        **{f"DUET_{name.upper()}_URL": f"unix:{sockets}/{name}.sock" for name in OWNERS_OF_DATA},
    }
    if name in OWNERS_OF_DATA:  # nobody but the gateway and the relays asks them, which stop before they do
        told["DUET_DRAIN_DELAY_S"] = "0"
    if settings.postgres_url or settings.needs_embedded_postgres:
        told["DUET_POSTGRES_URL"] = settings.postgres_url or embedded_postgres(settings).dsn()
    if settings.metrics_listen:
        told["DUET_METRICS_LISTEN"] = _metrics_listen(name, settings)
    ours = _with_whole_paths(os.environ)
    in_files = [name for name in _SECRET if file_of(name, ours)]
    return with_settings(ours, {name: text for name, text in told.items() if name not in in_files})


def _with_whole_paths(environ: Mapping[str, str]) -> dict[str, str]:
    """Of the files that hold settings: a program does not run where we do."""
    files = {f"{name}{SUFFIX}" for name in KNOWN} & environ.keys()
    return {
        name: str(Path(text).expanduser().absolute()) if name in files else text
        for name, text in environ.items()
    }


def _metrics_listen(name: str, settings: Settings) -> str:
    """A port for each program, from the one that is given: Prometheus has a fixed list of them."""
    host, colon, port = settings.metrics_listen.rpartition(":")
    programs = ["gateway", *OWNERS_OF_DATA, *(f"relay-{number}" for number in _numbers(settings)), "backup"]
    return f"{host}{colon}{int(port) + programs.index(name)}" if name in programs else ""


def _numbers(settings: Settings) -> range:
    return range(1, settings.relays + 1)


def _sockets(settings: Settings) -> Path:
    return socket_directory(settings.run_dir, f"postgres/{SOCKET_NAME}")


def socket_of(name: str, settings: Settings) -> Path:
    """Where a program of ours listens."""
    return _sockets(settings) / f"{name}.sock"


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


def _valkey(server: ValkeyServer, settings: Settings) -> Program:
    return Program(
        name="redis",
        command=server.command(),
        ready=valkey_probe(server),
        options={"env": environment("redis", settings), "cwd": REPOSITORY},
    )


def _gateway(settings: Settings) -> Program:
    """Its socket, which it serves once it has the port, tells it from another gateway on that port."""
    port = port_probe(settings.address, settings.port, urlsplit(settings.public_url).netloc)
    return _program("gateway", "gateway", settings, both(socket_probe(socket_of("gateway", settings)), port))


def _program(name: str, module: str, settings: Settings, ready: Probe | None = None) -> Program:
    socket = socket_of(name, settings)
    return Program(
        name=name,
        command=(),
        ready=ready or socket_probe(socket),
        module=module,
        prepare=lambda: socket.unlink(missing_ok=True),
        options={"env": environment(name, settings), "cwd": REPOSITORY},
        stop_within_s=_STOP_WITHIN_S + settings.drain_delay_s,
        watched=(module.replace(".", "/"), *_SHARED),
    )
