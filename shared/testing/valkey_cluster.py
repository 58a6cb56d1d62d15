"""A Valkey Cluster for tests: three primaries, each with a replica, on this machine."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from shared.embedded.valkey import ValkeyServer
from shared.testing.product import free_port

_PRIMARIES = 3
_SLOTS = 16384
_WITHIN_S = 60.0
_POLL_S = 0.03


class ValkeyCluster:
    """directory: of everything that it writes. node_timeout_ms: silence after which a primary counts as dead."""

    def __init__(self, directory: Path, node_timeout_ms: int) -> None:
        self.ports = [free_port() for _ in range(2 * _PRIMARIES)]
        self.servers = [
            ValkeyServer(
                directory / str(number),
                {
                    "port": str(port),
                    "bind": "127.0.0.1",
                    "cluster-enabled": "yes",
                    "cluster-port": str(free_port()),
                    "cluster-node-timeout": str(node_timeout_ms),
                    "cluster-replica-validity-factor": "0",
                    "repl-diskless-sync-delay": "0",
                    "dir": str(directory / str(number)),
                },
            )
            for number, port in enumerate(self.ports)
        ]
        for number in range(len(self.ports)):
            (directory / str(number)).mkdir(parents=True)
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.ports[0]}"

    def start(self, number: int) -> None:
        """Starts one server, which finds the others again if it has been one of them."""
        self._processes[number] = subprocess.Popen(
            self.servers[number].command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        self.wait(self.servers[number].answers)

    def kill(self, number: int) -> None:
        """SIGKILL."""
        self._processes[number].kill()
        self._processes.pop(number).wait()

    def begin(self) -> None:
        """Starts all, and makes a cluster of them."""
        for number in range(len(self.servers)):
            self.start(number)
        for number, server in enumerate(self.servers):
            server.ask(f"CLUSTER SET-CONFIG-EPOCH {number + 1}")
            if number < _PRIMARIES:
                first, last = number * _SLOTS // _PRIMARIES, (number + 1) * _SLOTS // _PRIMARIES - 1
                assert server.ask(f"CLUSTER ADDSLOTSRANGE {first} {last}").startswith("+OK")
            bus = server.settings["cluster-port"]
            self.servers[0].ask(f"CLUSTER MEET 127.0.0.1 {self.ports[number]} {bus}")
        self.wait(lambda: all(len(self.nodes(server)) == len(self.servers) for server in self.servers))
        for number, server in enumerate(self.servers[_PRIMARIES:]):
            assert server.ask(f"CLUSTER REPLICATE {self.id_of(number)}").startswith("+OK")
        self.wait(self.whole)

    def id_of(self, number: int) -> str:
        """Its name among the others."""
        return self.servers[number].ask("CLUSTER MYID").split("\r\n")[1]

    def nodes(self, server: ValkeyServer) -> list[str]:
        """What it knows: a line for each server, itself among them."""
        return [
            line
            for line in server.ask("CLUSTER NODES").split("\n")[1:]
            if " " in line and "handshake" not in line
        ]

    def primaries(self) -> list[int]:
        """Those that run and have slots."""
        return [number for number in self._processes if self._role(number) == "master" and self.slots(number)]

    def whole(self) -> bool:
        """Whether all six run, all slots are served, and each primary has a replica that follows it."""
        if len(self._processes) < len(self.servers):
            return False
        states = [server.ask("CLUSTER INFO") for server in self.servers]
        linked = [server.ask("INFO replication") for server in self.servers]
        return (
            all("cluster_state:ok" in state for state in states)
            and sum("role:master" in said for said in linked) == _PRIMARIES
            and all("role:master" in said or "master_link_status:up" in said for said in linked)
            and all("connected_slaves:1" in said for said in linked if "role:master" in said)
        )

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _WITHIN_S
        while not condition():
            assert time.monotonic() < deadline, [server.ask("CLUSTER NODES") for server in self.servers]
            time.sleep(_POLL_S)

    def _role(self, number: int) -> str:
        return "master" if "role:master" in self.servers[number].ask("INFO replication") else "replica"

    def slots(self, number: int) -> list[tuple[int, int]]:
        """The ranges that a primary has, without those that are just moving."""
        own = next((line for line in self.nodes(self.servers[number]) if "myself" in line), "")
        ranges = [words.partition("-") for words in own.split(" ")[8:] if not words.startswith("[")]
        return [(int(first), int(last or first)) for first, _, last in ranges]

    def move(self, source: int, target: int, first: int, last: int) -> None:
        """Moves slots with all that is in them, as Valkey does since version 9; returns when it is done."""
        asked = self.servers[source].ask(
            f"CLUSTER MIGRATESLOTS SLOTSRANGE {first} {last} NODE {self.id_of(target)}"
        )
        assert asked.startswith("+OK"), asked
        self.wait(lambda: any(low <= first and last <= high for low, high in self.slots(target)))

    def end(self) -> None:
        for process in self._processes.values():
            process.send_signal(signal.SIGKILL)
        for process in self._processes.values():
            process.wait()


@contextlib.contextmanager
def valkey_cluster(directory: Path, node_timeout_ms: int = 30_000) -> Iterator[ValkeyCluster]:
    """Six servers that have found each other."""
    cluster = ValkeyCluster(directory, node_timeout_ms)
    try:
        cluster.begin()
        yield cluster
    finally:
        cluster.end()
