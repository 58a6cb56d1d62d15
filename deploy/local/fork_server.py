"""`python -m deploy.local.fork_server FD`: imports once what all programs need, and becomes each of them by a fork.

What nobody writes to is then one memory for all, and a program that died is back without a second of imports. There is
neither a thread nor a loop here, so nothing is half done at a fork. FD: a socket to the supervisor. It brings an Order
and the file of a log a packet; `[pid]` goes back, and `[pid, exit code]` once that process has ended.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

SHARED = (
    "asyncpg",
    "regex",
    "shared.plumbing.app",
    "shared.plumbing.redis.directory",
    "shared.plumbing.postgres.database",
    "shared.plumbing.remembered",
    "shared.plumbing.http.rpc",
    "shared.wire.change_decoder",
    "shared.wire.frames",
    "shared.wire.games",
    "shared.wire.log_calls",
)
"""What several programs import, with all that these import. What only one of them needs, it imports itself."""

NOT_THERE = ("rich",)
"""What structlog imports where it is installed, with 6 MB, to draw tracebacks for a terminal."""

_LONGEST_ORDER_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Order:
    """A program to become. name: as `ps` shows it, after "duet-". module: whose __main__ it is."""

    name: str
    module: str
    environment: dict[str, str]
    directory: str

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode()


def serve(supervisor: socket.socket) -> Order | None:
    """Forks for each order, and returns it in the child. None: the supervisor has gone."""

    def tell(number: int, frame: object) -> None:
        with contextlib.suppress(OSError):  # no more children, or nobody who wants to know
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                supervisor.send(json.dumps([ended[0], os.waitstatus_to_exitcode(ended[1])]).encode())

    signal.signal(signal.SIGCHLD, tell)
    while True:
        packet, logs, _, _ = socket.recv_fds(supervisor, _LONGEST_ORDER_BYTES, 1)
        if not packet:
            return None
        # The supervisor hears of a process before it hears of its end.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            supervisor.close()
            order = Order(**json.loads(packet))
            _become(order, logs[0])
            return order
        os.close(logs[0])
        supervisor.send(json.dumps([pid]).encode())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _become(order: Order, log: int) -> None:
    """As a process that was started for it would be."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    os.environ.clear()
    os.environ.update(order.environment)
    os.chdir(order.directory)
    sys.argv = [order.module]
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(f"duet-{order.name}")


def main(descriptor: int) -> None:
    for name in NOT_THERE:
        sys.modules[name] = None  # type: ignore[assignment]  # which makes `import` say so
    for name in SHARED:
        importlib.import_module(name)
    # OpenSSL sets itself up for the first key: 2.4 MB.
    importlib.import_module("shared.plumbing.program_keys").Ed25519PrivateKey.generate()
    gc.collect()
    gc.freeze()  # the collector of a child would write to everything that it looks at
    order = serve(socket.socket(fileno=descriptor))
    if order is not None:
        runpy.run_module(order.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
