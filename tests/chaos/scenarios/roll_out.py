"""Another version is rolled out and taken back, one of each program at a time, while people write and call."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from deploy.local.settings import OWNERS_OF_DATA
from tests.chaos.callers import CALLS, calling
from tests.chaos.checkout import REPOSITORY, UnknownVersion, checked_out, commit_of
from tests.chaos.doubles.hosts import APPS
from tests.chaos.doubles.table import relay_ports
from tests.chaos.instance import Instance, Overrides
from tests.chaos.run import Run
from tests.chaos.scenario import NotPossible, Scenario
from tests.chaos.scenarios.doubles import on_doubles, on_three_hosts
from tests.chaos.supervise import CHECKOUT

ROLL_OUT = "roll-out"
_BEFORE = "before"
_CALLERS = 3
_DELAY_S = "4"
"""How long they serve on: the balancer asks once a second, and believes the first 404; of an older one, which says 503,
the sixth answer, for which it asks twice a second."""
_KNOWN_AGAIN_S = 2.0
_ENDS_WITHIN_S = 60.0
_READY_WITHIN_S = 240.0

WAVES = (
    *([f"{name}-{number + 1}" for name in OWNERS_OF_DATA] for number in range(len(APPS))),
    *([name] for name in relay_ports()),
    *([f"gateway-{number + 1}"] for number in range(len(APPS))),
)
"""As docs/operating.md has it, never two of the same at once; back goes the other way round."""


@contextlib.contextmanager
def beside(rev: str | None = None) -> Iterator[Path]:
    """A data directory in which that version stands, too. None: the last tag. Raises NotPossible."""
    try:
        commit = commit_of(rev)
    except UnknownVersion as reason:
        raise NotPossible(str(reason)) from reason
    with on_three_hosts() as directory, checked_out(commit, directory) as place:
        (directory / _BEFORE).symlink_to(place)
        yield directory


def against(chosen: Scenario, rev: str | None) -> Scenario:
    """Rolled out from that version."""
    return replace(chosen, place=partial(beside, rev)) if chosen.name == ROLL_OUT else chosen


def _all_before(directory: Path) -> Overrides:
    everybody = {"*": {CHECKOUT: str((directory / _BEFORE).resolve())}}
    return everybody | {name: _drains(name) for wave in WAVES for name in wave}


def _drains(name: str) -> dict[str, str]:
    """Relays need no delay: gateways find them."""
    return {"DUET_DRAIN_DELAY_S": "0" if name.startswith("relay") else _DELAY_S}


@on_doubles(ROLL_OUT, place=beside, overrides=_all_before)
async def roll_out(run: Run) -> None:
    """The last tag is replaced by this version, wave by wave, and taken back: no message and no call is lost."""
    before = (run.instance.product.data_dir / _BEFORE).resolve()
    standing: dict[str, dict[str, str]] = {"*": {"DUET_MIGRATE": "off"}}
    async with calling(run.instance.public_url, _CALLERS) as callers:
        for _ in range(run.faults_wanted):
            await _migrate(run.instance)
            for waves, checkout in ((WAVES, REPOSITORY), (WAVES[::-1], before)):
                for wave in waves:
                    standing |= {name: {CHECKOUT: str(checkout)} for name in wave}
                    run.instance.tell(standing)
                    await _replace(run, wave, checkout)
    run.measure("calls failed", len(callers.failed), 0, f"of {callers.answered.total()} {callers.failed[:5]}")
    run.measure("kinds of calls never answered", CALLS - len(callers.answered), 0, f"of {CALLS}")
    run.measure("slowest call", callers.slowest_s, 10.0)


async def _replace(run: Run, wave: list[str], checkout: Path) -> None:
    """They drain and end; the supervisor starts them from the other checkout, and the balancer finds them again."""
    instance = run.instance
    pids = [instance.product.pid(name) for name in wave]

    async def end() -> None:
        for name in wave:
            await instance.signal(name, signal.SIGTERM)

    await run.inject("SIGTERM", wave[0], end)
    for name, pid in zip(wave, pids, strict=True):
        assert await instance.restarted(name, pid, _ENDS_WITHIN_S), f"{name} did not end"
        assert await instance.ready(name, _READY_WITHIN_S), f"{name} of {checkout} is not ready"
        assert Path(instance.process(name).cwd()) == checkout, f"{name} runs from elsewhere"
    await asyncio.sleep(_KNOWN_AGAIN_S)


async def _migrate(instance: Instance) -> None:
    """As an operator does before the first program is replaced: with the address of the database alone."""
    told = {"DUET_POSTGRES_URL": instance.told["DUET_POSTGRES_URL"]}
    ours = {name: text for name, text in os.environ.items() if not name.startswith("DUET_")}
    for name in OWNERS_OF_DATA:
        verb = await asyncio.create_subprocess_exec(
            sys.executable, "-m", f"services.{name}", "migrate", cwd=REPOSITORY, env={**ours, **told}
        )
        assert await verb.wait() == 0, f"{name} cannot migrate"
