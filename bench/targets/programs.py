"""A peer's program for the length of a `with` block."""

import ctypes
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.targets.servers import REPOSITORY

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_PACKAGES = "ejabberd erlang-p1-pgsql prosody lua-dbi-postgresql"  # of Debian and its like
_READY_WITHIN_S = 60.0
_STOP_WITHIN_S = 15.0


class PeerError(Exception):
    """A peer did not start; the text is its log."""


class NotInstalledError(Exception):
    """A peer that the distribution packages is not there; the text says what to install."""


def need(name: str, *programs: str) -> None:
    """Raises NotInstalledError unless these programs are there."""
    if any(shutil.which(program) is None for program in programs):
        raise NotInstalledError(
            f"{name} is not installed: apt-get install {_PACKAGES} (no service has to run)"
        )


def _end_with_parent() -> None:
    """Asks the kernel for a SIGTERM when we are gone, also when we are killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM.value, 0, 0, 0)


@contextmanager
def running_program(
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
