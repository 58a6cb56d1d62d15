"""The embedded servers for the length of a `with` block, for tests and one-off commands.

On Linux the kernel ends them when we end, even by kill -9."""

import ctypes
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from shared.embedded.errors import EmbeddedError
from shared.embedded.postgres import PostgresServer
from shared.embedded.valkey import ValkeyServer

_READY_WITHIN_S = 60.0
_STOP_WITHIN_S = 20.0
_POLL_S = 0.02
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded here: not after a fork


@contextmanager
def running_postgres(data_dir: Path, *, durable: bool = False) -> Iterator[PostgresServer]:
    """A started server with its cluster in `data_dir`. Raises EmbeddedError when it cannot start."""
    server = PostgresServer(data_dir, data_dir.with_name(f"{data_dir.name}-socket"), durable)
    with started(server):
        yield server


@contextmanager
def started(server: PostgresServer) -> Iterator[None]:
    server.prepare()
    with child(server.command(), server.answers, signal.SIGINT, **server.spawn_options()):
        yield


@contextmanager
def running_valkey(directory: Path) -> Iterator[ValkeyServer]:
    """A started, empty server with its socket in `directory`. Raises EmbeddedError when it cannot start."""
    server = ValkeyServer(directory)
    with child(server.command(), server.answers, signal.SIGTERM):
        yield server


@contextmanager
def child(
    command: list[str], answers: Callable[[], bool], stop: signal.Signals, **options: Any
) -> Iterator[None]:
    """Any other server. answers: whether it serves by now. stop: how it is asked to end."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            preexec_fn=lambda: _end_with_parent(stop), **options,
        )  # fmt: skip
        try:
            _wait_until(answers, process, log)
            yield
        finally:
            process.send_signal(stop)
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _end_with_parent(stop: signal.Signals) -> None:
    """Asks the kernel to send us `stop` when the thread that started us ends. Nothing on macOS."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(stop), 0, 0, 0)


def _wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            log.seek(0)
            raise EmbeddedError(f"{process.args!r} did not start:\n{log.read().decode(errors='replace')}")
        time.sleep(_POLL_S)
