"""Starts a supervisor as a person does, and reads what it says."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import psutil

from deploy.local.settings import OWNERS_OF_DATA, REPOSITORY

WITHIN_S = 60.0
PROGRAMS = ("gateway", "postgres", "redis", "relay-1", "relay-2", *OWNERS_OF_DATA)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def lives(pid: int) -> bool:
    """Not so a zombie: the init of a container may never wait for it."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class LocalRun:
    """One supervisor process. environment: DUET_* on top of a data directory and a free port."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = int(environment.setdefault("DUET_PORT", str(free_port())))
        self.diary = data_dir.with_name(f"{data_dir.name}-diary")
        self.said: list[str] = []
        self._lines: Queue[str | None] = Queue()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DUET_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.tests.standin_run"],
            env={
                **inherited,
                "DUET_DATA_DIR": str(data_dir),
                "DUET_RELAYS": "2",
                "DUET_STANDIN_DIARY": str(self.diary),
                **environment,
            },
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        Thread(target=self._read, daemon=True).start()

    def until_ready(self) -> "LocalRun":
        self.wait_for_line(r"^Duet is ready at ")
        return self

    def wait_for_line(self, pattern: str) -> str:
        """The first line from now on that matches. Fails with everything said if there is none."""
        deadline = time.monotonic() + WITHIN_S
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left_s)
            except Empty:
                break
            if line is None:
                break
            if re.search(pattern, line):
                return line
        raise AssertionError(f"no line matches {pattern!r} in:\n" + "\n".join(self.said))

    def pid_of(self, name: str) -> int:
        return int((self.data_dir / "run" / f"{name}.pid").read_text())

    def running(self) -> set[str]:
        """Names with a pid file whose process lives."""
        files = (self.data_dir / "run").glob("*.pid")
        return {file.stem for file in files if lives(int(file.read_text()))}

    def kill(self, name: str) -> None:
        os.kill(self.pid_of(name), signal.SIGKILL)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(WITHIN_S)

    def everything_said(self) -> str:
        """After the end of the process."""
        self.process.wait(WITHIN_S)
        while self._lines.get(timeout=WITHIN_S) is not None:
            pass
        return "\n".join(self.said)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            self._lines.put(self.said[-1])
        self._lines.put(None)
