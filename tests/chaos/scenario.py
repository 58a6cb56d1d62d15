"""The register of scenarios, and how one is played from start to verdict."""

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from shared.testing.product import free_port
from tests.chaos.crowd import Crowd, crowd
from tests.chaos.instance import Instance, Overrides, addresses, instance, programs_of
from tests.chaos.judge import Verdict, judge
from tests.chaos.lines import FRONT, proxies
from tests.chaos.memory import memory_of
from tests.chaos.recovery import Spread, spread
from tests.chaos.run import Measured, Run
from tests.chaos.stored import threads_of
from tests.chaos.told import told_to

Play = Callable[[Run], Awaitable[None]]
Place = Callable[[], AbstractContextManager[Path]]
RECOVERY_LIMIT_S = 5.0
_SETTLES_WITHIN_S = 40.0
_QUIET_S = 1.0


class NotPossible(Exception):
    """This machine lacks what a scenario needs; the text says what."""


@contextlib.contextmanager
def temporary_directory() -> Iterator[Path]:
    """Gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="duet-c-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def no_overrides(_: Path) -> Overrides:
    """Most scenarios tell nobody anything."""
    return {}


@dataclass(frozen=True)
class Scenario:
    """settings: DUET_* of the instance. recovery_limit_s: for the slowest pair. lines: where proxies stand.

    may_lose: as of `judge`.

    most_pairs: as many as can sign up where limits are on.

    place: makes the data directory. overrides: what programs are told beside the usual, by data directory.
    """

    name: str
    promise: str
    play: Play
    settings: Mapping[str, str]
    recovery_limit_s: float
    lines: tuple[str, ...] = ()
    place: Place = temporary_directory
    overrides: Callable[[Path], Overrides] = no_overrides
    most_pairs: int = 10_000
    may_lose: bool = False


@dataclass(frozen=True)
class Size:
    """How much load, how many faults, how long."""

    pairs: int = 20
    rate: float = 60.0
    faults: int = 5
    seconds: float = 20.0
    freeze_s: float = 30.0


@dataclass(frozen=True)
class Outcome:
    """A row of the table. peak_mib: the largest resident size of each program."""

    name: str
    verdict: Verdict
    faults: int
    recovery: Spread
    recovery_limit_s: float
    measured: list[Measured]
    took_s: float
    closes: dict[str, int]
    peak_mib: dict[str, float]

    @property
    def held(self) -> bool:
        """The promise, the recovery target and every measured limit."""
        return self.held_at(1.0)

    def held_at(self, slowness: float) -> bool:
        """The same on a machine that takes so much longer for everything: limits in seconds are as much longer."""
        in_time = self.recovery.longest <= self.recovery_limit_s * slowness
        return self.verdict.held and in_time and all(figure.ok_at(slowness) for figure in self.measured)


REGISTER: dict[str, Scenario] = {}


def scenario(
    name: str,
    *,
    recovery_limit_s: float = RECOVERY_LIMIT_S,
    lines: tuple[str, ...] = (),
    place: Place = temporary_directory,
    overrides: Callable[[Path], Overrides] = no_overrides,
    most_pairs: int = 10_000,
    may_lose: bool = False,
    **settings: str,
) -> Callable[[Play], Play]:
    """Registers a play; its docstring is the promise that it tests. settings: relays="3" is DUET_RELAYS=3."""

    def register(play: Play) -> Play:
        told = {"DUET_RATE_LIMITS": "off", "DUET_RELAYS": "2"}
        told |= {f"DUET_{key.upper()}": value for key, value in settings.items()}
        promise = (play.__doc__ or "").strip()
        REGISTER[name] = Scenario(
            name, promise, play, told, recovery_limit_s, lines, place, overrides, most_pairs, may_lose
        )
        return play

    return register


async def play(chosen: Scenario, size: Size, logs: Path | None = None) -> Outcome:
    """On an instance of its own, behind the proxies that the scenario asks for. Raises NotPossible.

    logs: a directory for what the programs have logged.
    """
    with chosen.place() as directory:
        async with standing(directory, chosen.settings, chosen.lines, chosen.overrides(directory)) as running:
            try:
                return await play_on(running, chosen, size)
            finally:
                if logs is not None:
                    shutil.copytree(directory / "log", logs / chosen.name, dirs_exist_ok=True)


@contextlib.asynccontextmanager
async def standing(
    directory: Path,
    settings: Mapping[str, str],
    lines: Iterable[str] = (),
    overrides: Overrides | None = None,
) -> AsyncIterator[Instance]:
    """An instance in that data directory, with proxies on those lines."""
    port, front_port = free_port(), free_port()
    settings = dict(settings)
    if FRONT in lines:
        settings["DUET_PUBLIC_URL"] = f"http://127.0.0.1:{front_port}"
    told = addresses(programs_of(directory, port, settings), settings)
    async with (
        proxies(lines, directory, told, front_port) as (opened, through),
        instance(directory, settings, {**(overrides or {}), **through}, port) as running,
    ):
        running.proxies.update(opened)
        yield running


async def play_on(running: Instance, chosen: Scenario, size: Size) -> Outcome:
    """Load, faults, quiet, judgement. The instance may have served other scenarios before."""
    began = time.monotonic()
    pairs = min(size.pairs, chosen.most_pairs)
    async with crowd(running.public_url, pairs, size.rate) as people, memory_of(running) as memory:
        run = Run(running, people, size.faults, size.seconds, size.freeze_s, memory)
        people.start_writing()
        await chosen.play(run)
        await people.stop_writing()
        await people.settle(_SETTLES_WITHIN_S)
        await asyncio.sleep(_QUIET_S)  # what comes late or twice comes now
        verdict = await _judged(running, people, may_lose=chosen.may_lose)
        if chosen.may_lose:
            run.measure(
                "acknowledged and lost with the server", verdict.lost_with_its_log, float("inf"), "messages"
            )
        closes = sum((device.closes for device in people.devices), Counter())
    return Outcome(
        name=chosen.name,
        verdict=verdict,
        faults=len(run.faults),
        recovery=spread(run.waits),
        recovery_limit_s=chosen.recovery_limit_s,
        measured=run.measured,
        took_s=time.monotonic() - began,
        closes={str(code): times for code, times in closes.items()},
        peak_mib=memory.peak_mib,
    )


async def _judged(running: Instance, people: Crowd, *, may_lose: bool) -> Verdict:
    client_ids = [id for pair in people.pairs for id in pair.messages]
    told = {
        person.username: await told_to(person, device.peer)
        for pair in people.pairs
        for person, device in zip(pair.people, pair.writers, strict=True)
    }
    async with contextlib.AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(running.postgres(url)) for url in running.log_urls]
        stored = await threads_of(servers, client_ids)
    return judge(people.pairs, stored, told, may_lose=may_lose)
