"""Servers of our own for the log alone; everything else stays in the one that the supervisor runs."""

import contextlib
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil

from shared.embedded.postgres import PostgresServer
from shared.embedded.running import started
from shared.testing.clusters import put_cluster
from tests.chaos.instance import Instance, Overrides
from tests.chaos.pair import Pair
from tests.chaos.run import Run
from tests.chaos.scenario import temporary_directory
from tests.chaos.stored import here


class LogServers:
    """So many, each durable: what was acknowledged outlives a kill -9 as it does anywhere."""

    def __init__(self, directory: Path, count: int) -> None:
        self.servers = [PostgresServer(directory / f"log-{n}", directory / f"logs-{n}") for n in range(count)]
        self._lives = [ExitStack() for _ in self.servers]

    @property
    def urls(self) -> list[str]:
        return [server.dsn() for server in self.servers]

    @property
    def told(self) -> dict[str, str]:
        """What threads is told, and whoever moves parts of the log."""
        first, *others = self.urls
        return {"DUET_THREADS_POSTGRES_URL": first, "DUET_THREADS_SHARD_URLS": " ".join(others)}

    def begin(self) -> None:
        for number, server in enumerate(self.servers):
            put_cluster(server.data_dir)
            self.start(number)
            server.ensure_database()

    def kill(self, number: int) -> None:
        """SIGKILL."""
        os.kill(self.servers[number].running_pid() or 0, signal.SIGKILL)
        self._lives[number].close()

    def freeze(self, number: int) -> None:
        """SIGSTOP for the whole family: whoever is connected hears nothing, and whoever connects neither."""
        for process in self._family(number):
            process.suspend()

    def thaw(self, number: int) -> None:
        for process in self._family(number):
            process.resume()

    def _family(self, number: int) -> list[psutil.Process]:
        postmaster = psutil.Process(self.servers[number].running_pid())
        return [postmaster, *postmaster.children(recursive=True)]

    def start(self, number: int) -> None:
        """Returns once it has replayed its log, and answers."""
        self._lives[number].enter_context(started(self.servers[number]))

    def close(self) -> None:
        for life in self._lives:
            life.close()


_STANDING: dict[Path, LogServers] = {}


@contextlib.contextmanager
def beside(count: int) -> Iterator[Path]:
    """A data directory, and so many servers that its threads is told of."""
    with temporary_directory() as directory:
        servers = _STANDING[directory] = LogServers(directory, count)
        try:
            servers.begin()
            yield directory
        finally:
            del _STANDING[directory]
            servers.close()


def told_of_them(directory: Path) -> Overrides:
    return {"threads": _STANDING[directory].told}


def told_of_the_first(directory: Path) -> Overrides:
    """As an installation whose log is on one server."""
    return {"threads": {**_STANDING[directory].told, "DUET_THREADS_SHARD_URLS": ""}}


def servers_of(run: Run) -> LogServers:
    """Those of the running scenario, of which its judge knows from now on."""
    found = _STANDING[run.instance.product.data_dir]
    run.instance.told = {**run.instance.told, **found.told}
    return found


async def holders(instance: Instance, pairs: list[Pair]) -> list[int]:
    """Which of the servers holds the thread of each pair, by its place. Each pair must have written."""
    by_place = []
    for url in instance.log_urls:
        async with instance.postgres(url) as connection:
            by_place.append(await here(connection, {id for pair in pairs for id in pair.messages}))
    return [_place_of(pair, by_place) for pair in pairs]


def _place_of(pair: Pair, by_place: list[set[str]]) -> int:
    return next(place for place, found in enumerate(by_place) if not found.isdisjoint(pair.messages))
