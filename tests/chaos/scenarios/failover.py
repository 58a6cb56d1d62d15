"""The primary dies for good, and a standby is promoted in its place."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from shared.embedded.postgres import PostgresServer
from shared.embedded.running import started
from shared.testing.clusters import put_cluster
from shared.testing.standbys import REPLICATING, either, follower, has_everything, promote, stop_following
from tests.chaos.instance import Overrides
from tests.chaos.run import Run
from tests.chaos.scenario import scenario, temporary_directory

_SYNCHRONOUS = {**REPLICATING, "synchronous_standby_names": "*"}
_TAIL_S = 0.3


class Twins:
    """Two servers, of which one follows the other; after a failover, the other way round."""

    def __init__(self, directory: Path, settings: dict[str, str]) -> None:
        self.servers = [
            PostgresServer(
                directory / f"pg-{name}", directory / f"pgs-{name}", durable=False, settings=settings
            )
            for name in "ab"
        ]
        self._lives = [ExitStack(), ExitStack()]
        self._primary = 0

    @property
    def url(self) -> str:
        return either(*self.servers)

    def begin(self) -> None:
        put_cluster(self.servers[0].data_dir)
        self._lives[0].enter_context(started(self.servers[0]))
        self._follow(1)  # first: where commits wait for it, so would making the database
        self.servers[0].ensure_database()

    def fail_over(self) -> None:
        """The primary dies; returns once the standby takes writes."""
        primary, standby = self.servers[self._primary], self.servers[1 - self._primary]
        os.kill(primary.running_pid() or 0, signal.SIGKILL)
        self._lives[self._primary].close()
        promote(standby)
        self._primary = 1 - self._primary

    def stand_by_again(self) -> None:
        """The one that died follows the other, from a new copy."""
        died = 1 - self._primary
        shutil.rmtree(self.servers[died].data_dir)
        self._follow(died)
        has_everything(self.servers[self._primary], self.servers[died])

    def cut(self) -> None:
        """The standby follows no more."""
        stop_following(self.servers[1 - self._primary])

    def _follow(self, number: int) -> None:
        follower(self.servers[1 - number], self.servers[number].data_dir)
        self._lives[number].enter_context(started(self.servers[number]))

    def close(self) -> None:
        for life in self._lives:
            life.close()


_TWINS: dict[Path, Twins] = {}


@contextlib.contextmanager
def _beside(settings: dict[str, str]) -> Iterator[Path]:
    with temporary_directory() as directory:
        twins = _TWINS[directory] = Twins(directory, settings)
        try:
            twins.begin()
            yield directory
        finally:
            del _TWINS[directory]
            twins.close()


def _both(directory: Path) -> Overrides:
    return {"*": {"DUET_POSTGRES_URL": _TWINS[directory].url}}


async def _fail_over_again_and_again(run: Run, *, behind: bool) -> None:
    twins = _TWINS[run.instance.product.data_dir]
    run.instance.told = {**run.instance.told, "DUET_POSTGRES_URL": twins.url}

    async def fail_over() -> None:
        if behind:
            await asyncio.to_thread(twins.cut)
            await asyncio.sleep(_TAIL_S)
        await asyncio.to_thread(twins.fail_over)
        if not behind:  # until somebody follows the new primary, too, nothing is acknowledged
            await asyncio.to_thread(twins.stand_by_again)

    for _ in range(run.faults_wanted):
        await run.inject("failover", "postgres", fail_over)
        if behind:
            await asyncio.to_thread(twins.stand_by_again)
        await run.pause(1.0)


@scenario(
    "failover-async",
    place=partial(_beside, REPLICATING),
    overrides=_both,
    recovery_limit_s=10.0,
    may_lose=True,
)
async def failover_async(run: Run) -> None:
    """The standby lacks the last 0.3 s: every device shows what is left of the log within 10 s, once, and goes on."""
    await _fail_over_again_and_again(run, behind=True)


@scenario("failover-sync", place=partial(_beside, _SYNCHRONOUS), overrides=_both, recovery_limit_s=10.0)
async def failover_sync(run: Run) -> None:
    """Commits wait for the standby: nothing that was acknowledged is lost."""
    await _fail_over_again_and_again(run, behind=False)
