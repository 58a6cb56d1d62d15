"""How to start each peer, as its documentation recommends."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.targets.programs import running_program
from bench.targets.running import Running
from bench.targets.servers import REPOSITORY, Servers, fresh_servers
from shared.testing.product import free_port

_BIN = Path(sys.executable).parent
_UVICORN = [str(_BIN / "uvicorn"), "--host", "127.0.0.1", "--no-access-log", "--log-level", "warning"]
NODE = shutil.which("node") or str(REPOSITORY / ".venv" / "bin" / "node")
_NODE_CHAT = REPOSITORY / "bench" / "peers" / "node_chat"
_ASGI = "bench.peers.channels_chat.asgi:application"


def _running(
    dialect: str, ports: Sequence[int], pids: list[int], servers: Servers, messages: str = "messages"
) -> Running:
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    return Running(dialect, urls, {"server": pids, **servers.roots}, servers.url, messages)


@contextmanager
def channels_daphne() -> Iterator[Running]:
    """Django + Channels + channels_redis' default layer, one daphne."""
    port = free_port()
    command = [str(_BIN / "daphne"), "-b", "127.0.0.1", "-p", str(port), "-v", "0", _ASGI]
    with _channels("daphne", command, port, {}) as running:
        yield running


@contextmanager
def channels_uvicorn() -> Iterator[Running]:
    """Django + Channels + channels_redis' pub/sub layer, two uvicorn workers: its best."""
    port = free_port()
    command = [*_UVICORN, "--workers", "2", "--port", str(port), _ASGI]
    with _channels("uvicorn", command, port, {"PEER_LAYER": "pubsub"}) as running:
        yield running


@contextmanager
def _channels(name: str, command: Sequence[str], port: int, more: Mapping[str, str]) -> Iterator[Running]:
    with fresh_servers(name) as servers:
        environment = {
            **servers.environment,
            **more,
            "DJANGO_SETTINGS_MODULE": "bench.peers.channels_chat.settings",
            "PYTHONPATH": str(REPOSITORY),
        }
        migrate = [str(_BIN / "django-admin"), "migrate", "-v", "0"]
        subprocess.run(migrate, env=environment, cwd=REPOSITORY, check=True)
        with running_program(command, environment, port, servers.directory / "server.log") as pid:
            yield _running("json", [port], [pid], servers, "channels_chat_message")


@contextmanager
def fastapi() -> Iterator[Running]:
    """FastAPI, two uvicorn workers."""
    port = free_port()
    command = [*_UVICORN, "--workers", "2", "--port", str(port), "bench.peers.fastapi_chat:app"]
    with (
        fresh_servers("fastapi") as servers,
        running_program(command, servers.environment, port, servers.directory / "server.log") as pid,
    ):
        yield _running("json", [port], [pid], servers)


@contextmanager
def python_socketio() -> Iterator[Running]:
    """python-socketio, two uvicorn processes with a port each: a Socket.IO session belongs to one process."""
    with fresh_servers("socketio") as servers, ExitStack() as stack:
        ports = [free_port(), free_port()]
        pids = [
            stack.enter_context(
                running_program(
                    [*_UVICORN, "--port", str(port), "bench.peers.socketio_chat:app"],
                    servers.environment, port, servers.directory / f"server-{port}.log",
                )
            )
            for port in ports
        ]  # fmt: skip
        yield _running("socketio", ports, pids, servers)


@contextmanager
def node() -> Iterator[Running]:
    """Socket.IO 4 on node."""
    port = free_port()
    with (
        fresh_servers("node") as servers,
        running_program(
            [NODE, "server.mjs"], servers.environment, port, servers.directory / "server.log", _NODE_CHAT
        ) as pid,
    ):
        yield _running("socketio", [port], [pid], servers)


@contextmanager
def echo() -> Iterator[Running]:
    """The floor: aiohttp, both people get what one sends; no login, nothing stored."""
    port = free_port()
    with fresh_servers("echo") as servers:  # idle: their CPU shows what they cost unused
        command = [sys.executable, "-m", "bench.peers.echo"]
        with running_program(command, servers.environment, port, servers.directory / "server.log") as pid:
            yield _running("json", [port], [pid], servers, "")
