"""Two of each program on two hosts, behind HAProxy, by mutual TLS; three relays."""

import asyncio
import contextlib
import shutil
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

from shared.testing.clusters import put_cluster
from tests.chaos.doubles.hosts import hosts_of, standing
from tests.chaos.doubles.table import list_relays, relay_ports
from tests.chaos.faults import freeze
from tests.chaos.run import Run
from tests.chaos.scenario import NotPossible, scenario, temporary_directory

_PROGRAMS = ("gateway", "auth", "threads", "relay", "game", "media", "notify")
_FROZEN_S = 5.0
_NOTICED_S = 5.0
"""Gateways look every two seconds which relays there are."""


@contextlib.contextmanager
def on_three_hosts() -> Iterator[Path]:
    """A data directory whose programs run on hosts of their own. Raises NotPossible."""
    if shutil.which("haproxy") is None:
        raise NotPossible("haproxy is missing")
    with temporary_directory() as directory:
        put_cluster(directory / "postgres")
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(standing(directory))
            except (OSError, subprocess.CalledProcessError) as error:
                raise NotPossible(f"no network namespaces: {error}") from error
            yield directory


on_doubles = partial(scenario, place=on_three_hosts, recovery_limit_s=10.0)


def victim(number: int) -> str:
    """Each program in turn, and then the other one of each."""
    return f"{_PROGRAMS[number % len(_PROGRAMS)]}-{number // len(_PROGRAMS) % 2 + 1}"


async def _each(run: Run, kind: str, hurt: Callable[[str], Awaitable[object]]) -> None:
    for number in range(run.faults_wanted):
        name = victim(number)
        await run.instance.ready(name)
        await run.inject(kind, name, partial(hurt, name))
        await run.pause()


@on_doubles("doubles-kill")
async def doubles_kill(run: Run) -> None:
    """One of two of each program is killed with -9, in turn: the promise holds, delivery resumes in 10 s."""
    await _each(run, "kill", run.instance.signal)


@on_doubles("doubles-freeze")
async def doubles_freeze(run: Run) -> None:
    """One of two of each program is stopped for 5 s, in turn: the promise holds, delivery resumes in 10 s."""
    await _each(run, "freeze", lambda name: freeze(run.instance, name, _FROZEN_S))


@on_doubles("doubles-restart")
async def doubles_restart(run: Run) -> None:
    """SIGTERM to one of two of each program, in turn: the promise holds, delivery resumes in 10 s."""
    await _each(run, "SIGTERM", lambda name: run.instance.signal(name, signal.SIGTERM))


@on_doubles("doubles-relays")
async def doubles_relays(run: Run) -> None:
    """A relay is taken out of the gateways' list, ended, and added again, 20 times under load: nothing is lost."""
    data_dir, names = run.instance.product.data_dir, list(relay_ports())
    hosts = hosts_of(data_dir)
    assert hosts is not None
    for number in range(run.faults_wanted):
        gone = names[number % len(names)]

        async def remove(gone: str = gone) -> None:
            list_relays(hosts, data_dir, [name for name in names if name != gone])
            await asyncio.sleep(_NOTICED_S)
            before = await run.instance.signal(gone, signal.SIGTERM)
            await run.instance.restarted(gone, before)

        async def add(gone: str = gone) -> None:
            assert await run.instance.ready(gone)
            list_relays(hosts, data_dir, names)

        await run.inject("removed", gone, remove)
        await run.inject("added", gone, add)
        await run.pause(1.0)
