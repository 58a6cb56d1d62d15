"""The whole product as a newcomer starts it, on its own port and data directory."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from shared.testing.clusters import put_cluster

REPOSITORY = Path(__file__).resolve().parents[2]
_READY_WITHIN_S = 120.0
_ENDS_WITHIN_S = 40.0
_BACK_WITHIN_S = 40.0


class Product:
    """A running Duet. url: of the gateway. data_dir: its database, logs, pids."""

    def __init__(self, process: subprocess.Popen[str], port: int, data_dir: Path) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.data_dir = data_dir
        self.output: list[str] = []
        self._killed: dict[str, int] = {}
        self._ready = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line.rstrip("\n"))
            if line.startswith("Duet is ready at "):
                self._ready.set()
        self._ready.set()

    def wait_until_ready(self) -> None:
        """Raises AssertionError with what was printed if the ready line does not come."""
        assert self._ready.wait(_READY_WITHIN_S), "\n".join(self.output)
        assert self.process.poll() is None, "\n".join(self.output)

    def pid(self, name: str) -> int:
        """The process id of `gateway`, `auth`, `threads`, `relay-1`, `game`, `media`, `notify`, `postgres`, `redis`."""
        return int((self.data_dir / "run" / f"{name}.pid").read_text())

    def names(self) -> list[str]:
        """The names of the processes that run."""
        return sorted(path.stem for path in (self.data_dir / "run").glob("*.pid"))

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Sends a signal to one of the product's own processes; its id before."""
        pid = self._killed[name] = self.pid(name)
        os.kill(pid, number)
        return pid

    def wait_until_whole(self) -> None:
        """Returns when everything that was killed has been started again and is ready."""
        ends_at = time.monotonic() + _BACK_WITHIN_S
        while away := [name for name, pid in self._killed.items() if not self._is_back(name, pid)]:
            assert time.monotonic() < ends_at, "\n".join([f"still away: {away}", *self.output])
            time.sleep(0.05)
        self._killed.clear()

    def _is_back(self, name: str, killed_pid: int) -> bool:
        """The supervisor says one line for each death and one for each return, by the clock; the last counts."""
        with contextlib.suppress(FileNotFoundError):
            said = [line for line in self.output if line.partition(" ")[2].startswith(f"{name} ")]
            return self.pid(name) != killed_pid and bool(said) and " is back after " in said[-1]
        return False

    def stop(self) -> int:
        """SIGTERM, as Ctrl-C does; the supervisor's exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def log(self, name: str) -> str:
        """What one of the programs has logged."""
        return (self.data_dir / "log" / f"{name}.log").read_text()


def free_port() -> int:
    """A TCP port on which nothing is listening now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running_product(
    settings: Mapping[str, str] | None = None,
    data_dir: Path | None = None,
    port: int | None = None,
    *,
    module: str = "deploy.local",
    repository: Path = REPOSITORY,
) -> Iterator[Product]:
    """Duet from the supervisor down, drained at the end. settings: DUET_* variables. module: what is run.
    repository: the checkout that is run, by this one's Python.

    Two relays unless `settings` say otherwise, on any machine, so that the path between nodes is used.
    """
    with contextlib.ExitStack() as stack:
        directory = data_dir or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="duet-p-", ignore_cleanup_errors=True))
        )
        if not (directory / "postgres").exists():
            put_cluster(directory / "postgres")
        chosen = port or free_port()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DUET_")}
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=repository,
            env={
                **inherited,
                "DUET_END_WITH_PARENT": "1",  # a killed test run leaves nothing behind
                "DUET_RELAYS": "2",
                "DUET_PREVIEWS": "off",  # a test that writes a link asks nobody elsewhere
                **(settings or {}),
                "DUET_PORT": str(chosen),
                "DUET_DATA_DIR": str(directory),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        product = Product(process, chosen, directory)
        try:
            product.wait_until_ready()
            yield product
        finally:
            product.stop()
