"""Allows one supervisor a data directory, and ends whatever a killed one left behind."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from deploy.local.errors import CannotStart
from deploy.local.supervised import Say
from shared.embedded.postgres import PostgresServer

MARK = "DUET_INSTANCE"
"""Every child has its data directory in this variable of its environment."""

_PROGRAMS_WITHIN_S = 2.0
_POSTGRES_WITHIN_S = 15.0
_POLL_S = 0.02


@contextlib.contextmanager
def only_supervisor(run_dir: Path) -> Iterator[None]:
    """Holds the directory's lock, which dies with us. Raises CannotStart if another process has it."""
    with (run_dir / "supervisor.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise CannotStart(
                f"Duet already runs on {run_dir.parent} (process {file.read().strip() or '?'}). "
                "Stop it first, or choose another DUET_DATA_DIR and DUET_PORT."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def end_leftovers(data_dir: Path, postgres: PostgresServer, say: Say) -> None:
    """Ends whatever still runs for `data_dir` after its supervisor is gone. Call it with the lock held."""
    programs = [process for process in _marked(data_dir) if process.pid != os.getpid()]
    postmaster = postgres.running_pid()
    servers = [psutil.Process(postmaster)] if postmaster is not None else []
    programs = [process for process in programs if process not in servers]
    if programs or servers:
        names = ", ".join(sorted(f"{_name(process)} ({process.pid})" for process in programs + servers))
        say(f"Ending what an earlier run left behind: {names}")
    _end(programs, signal.SIGTERM, _PROGRAMS_WITHIN_S)
    _end(servers, signal.SIGINT, _POSTGRES_WITHIN_S)
    for file in (data_dir / "run").glob("*.pid"):
        file.unlink()


def _marked(data_dir: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(data_dir):
                yield process
        except (psutil.Error, OSError):
            continue  # gone, or somebody else's: not ours


def _name(process: psutil.Process) -> str:
    try:
        name, command = str(process.name()), process.cmdline()
        return command[command.index("-m") + 1] if "-m" in command and "duet-" not in name else name
    except (psutil.Error, IndexError):
        return "?"


def _end(processes: list[psutil.Process], number: signal.Signals, within_s: float) -> None:
    for step in (number, signal.SIGKILL):
        for process in processes:
            _send(process, step)
        deadline = time.monotonic() + within_s
        while (
            processes := [process for process in processes if _lives(process)]
        ) and time.monotonic() < deadline:
            time.sleep(_POLL_S)


def _lives(process: psutil.Process) -> bool:
    """False for a zombie too, which stays forever under an init that never waits, as in some containers."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.Error):
        process.send_signal(number)  # psutil checks that the number still means the same process
