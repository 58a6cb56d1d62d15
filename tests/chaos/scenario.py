"""The register of scenarios, and how one is played from start to verdict."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.crowd import crowd
from tests.chaos.instance import Instance, instance
from tests.chaos.judge import Verdict, judge
from tests.chaos.recovery import Spread, spread
from tests.chaos.run import Measured, Run
from tests.chaos.stored import threads_of

Play = Callable[[Run], Awaitable[None]]
RECOVERY_LIMIT_S = 5.0
_SETTLES_WITHIN_S = 40.0
_QUIET_S = 1.0


@dataclass(frozen=True)
class Scenario:
    """settings: DUET_* of the instance. recovery_limit_s: for the slowest pair."""

    name: str
    promise: str
    play: Play
    settings: Mapping[str, str]
    recovery_limit_s: float


@dataclass(frozen=True)
class Size:
    """How much load, how many faults, how long."""

    pairs: int = 20
    rate: float = 60.0
    faults: int = 5
    seconds: float = 20.0


@dataclass(frozen=True)
class Outcome:
    """A row of the table."""

    name: str
    verdict: Verdict
    faults: int
    recovery: Spread
    recovery_limit_s: float
    measured: list[Measured]
    took_s: float
    closes: dict[str, int] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """The promise, the recovery target and every measured limit."""
        in_time = self.recovery.longest <= self.recovery_limit_s
        return self.verdict.held and in_time and all(figure.ok for figure in self.measured)


REGISTER: dict[str, Scenario] = {}


def scenario(
    name: str, *, recovery_limit_s: float = RECOVERY_LIMIT_S, **settings: str
) -> Callable[[Play], Play]:
    """Registers a play; its docstring is the promise that it tests. settings: relays="3" is DUET_RELAYS=3."""

    def register(play: Play) -> Play:
        told = {"DUET_RATE_LIMITS": "off", "DUET_RELAYS": "2"}
        told |= {f"DUET_{key.upper()}": value for key, value in settings.items()}
        REGISTER[name] = Scenario(name, (play.__doc__ or "").strip(), play, told, recovery_limit_s)
        return play

    return register


async def play(chosen: Scenario, size: Size) -> Outcome:
    """On an instance of its own."""
    with tempfile.TemporaryDirectory(prefix="duet-c-", ignore_cleanup_errors=True) as directory:
        async with instance(Path(directory), chosen.settings) as running:
            return await play_on(running, chosen, size)


async def play_on(running: Instance, chosen: Scenario, size: Size) -> Outcome:
    """Load, faults, quiet, judgement. The instance may have served other scenarios before."""
    began = time.monotonic()
    async with crowd(running.url, size.pairs, size.rate) as people:
        run = Run(running, people, size.faults, size.seconds)
        people.start_writing()
        await chosen.play(run)
        await people.stop_writing()
        await people.settle(_SETTLES_WITHIN_S)
        await asyncio.sleep(_QUIET_S)  # what comes late or twice comes now
        client_ids = [id for pair in people.pairs for id in pair.messages]
        async with running.postgres() as connection:
            verdict = judge(people.pairs, await threads_of(connection, client_ids))
        closes: dict[str, int] = {}
        for device in people.devices:
            for code, times in device.closes.items():
                closes[str(code)] = closes.get(str(code), 0) + times
    return Outcome(
        chosen.name,
        verdict,
        len(run.faults),
        spread(run.waits),
        chosen.recovery_limit_s,
        run.measured,
        time.monotonic() - began,
        closes,
    )
