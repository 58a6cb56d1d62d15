"""How to start each peer, as its documentation recommends."""

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.targets.running import Running
from bench.targets.servers import REPOSITORY, fresh_servers
from shared.testing.product import free_port

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_READY_WITHIN_S = 60.0
_STOP_WITHIN_S = 15.0
_BIN = Path(sys.executable).parent
_UVICORN = [str(_BIN / "uvicorn"), "--host", "127.0.0.1", "--no-access-log", "--log-level", "warning"]
_NODE_CHAT = REPOSITORY / "bench" / "peers" / "node_chat"
_ASGI = "bench.peers.channels_chat.asgi:application"


class PeerError(Exception):
    """A peer did not start; the text is its log."""


def _end_with_parent() -> None:
    """Asks the kernel for a SIGTERM when we are gone, also when we are killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM.value, 0, 0, 0)


@contextmanager
def _process(
    command: Sequence[str], environment: Mapping[str, str], port: int, log: Path, cwd: Path = REPOSITORY
) -> Iterator[int]:
    """Runs until the end of the block; ready when its port answers. The process' id."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**environment, "PEER_PORT": str(port)}, cwd=cwd, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, preexec_fn=_end_with_parent,
            start_new_session=True,  # as each of Duet's programs has: Linux shares the processors among them
        )  # fmt: skip
        try:
            _wait_for(port, process, log)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise PeerError(f"{process.args!r}\n{log.read_text(errors='replace')}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


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
        with _process(command, environment, port, servers.directory / "server.log") as pid:
            yield Running("json", [f"http://127.0.0.1:{port}"], {"server": [pid], **servers.roots})


@contextmanager
def fastapi() -> Iterator[Running]:
    """FastAPI, two uvicorn workers."""
    port = free_port()
    command = [*_UVICORN, "--workers", "2", "--port", str(port), "bench.peers.fastapi_chat:app"]
    with (
        fresh_servers("fastapi") as servers,
        _process(command, servers.environment, port, servers.directory / "server.log") as pid,
    ):
        yield Running("json", [f"http://127.0.0.1:{port}"], {"server": [pid], **servers.roots})


@contextmanager
def python_socketio() -> Iterator[Running]:
    """python-socketio, two uvicorn processes with a port each: a Socket.IO session belongs to one process."""
    with fresh_servers("socketio") as servers, ExitStack() as stack:
        ports = [free_port(), free_port()]
        pids = [
            stack.enter_context(
                _process(
                    [*_UVICORN, "--port", str(port), "bench.peers.socketio_chat:app"],
                    servers.environment, port, servers.directory / f"server-{port}.log",
                )
            )
            for port in ports
        ]  # fmt: skip
        yield Running(
            "socketio", [f"http://127.0.0.1:{port}" for port in ports], {"server": pids, **servers.roots}
        )


@contextmanager
def node() -> Iterator[Running]:
    """Socket.IO 4 on node."""
    port = free_port()
    with (
        fresh_servers("node") as servers,
        _process(
            ["node", "server.mjs"], servers.environment, port, servers.directory / "server.log", _NODE_CHAT
        ) as pid,
    ):
        yield Running("socketio", [f"http://127.0.0.1:{port}"], {"server": [pid], **servers.roots})


@contextmanager
def echo() -> Iterator[Running]:
    """The floor: aiohttp, both people get what one sends; no login, nothing stored."""
    port = free_port()
    with fresh_servers("echo") as servers:  # idle: their CPU shows what they cost unused
        command = [sys.executable, "-m", "bench.peers.echo"]
        with _process(command, servers.environment, port, servers.directory / "server.log") as pid:
            yield Running("json", [f"http://127.0.0.1:{port}"], {"server": [pid], **servers.roots})
