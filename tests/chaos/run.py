"""One scenario as it runs: an instance, a crowd, the faults so far, and what was measured."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.chaos.crowd import Crowd
from tests.chaos.instance import Instance
from tests.chaos.recovery import Fault

RECOVERS_WITHIN_S = 20.0
"""Longer than any target: what takes longer counts as this long, and the scenario goes on."""


@dataclass(frozen=True)
class Measured:
    """A figure with its bound. ok: whether it is within."""

    name: str
    value: float
    limit: float
    unit: str

    @property
    def ok(self) -> bool:
        return self.value <= self.limit

    def __str__(self) -> str:
        return f"{self.name}: {self.value:.2f} {self.unit} (limit {self.limit:g})"


@dataclass
class Run:
    """faults_wanted, seconds_wanted: how long a scenario goes on. waits: seconds, one a pair and fault."""

    instance: Instance
    crowd: Crowd
    faults_wanted: int
    seconds_wanted: float
    faults: list[Fault] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)

    async def inject(self, kind: str, target: str, action: Callable[[], Awaitable[object]]) -> None:
        """Hurts, then writes a message for everybody and waits until each pair hears from each other again.

        Recovery counts from the end of `action`: for a freeze that is the thaw, for a kill the kill."""
        await action()
        fault = Fault(kind, target, time.monotonic())
        self.faults.append(fault)
        self.crowd.nudge()
        await self.crowd.delivers_again(fault.at, RECOVERS_WITHIN_S)
        for pair in self.crowd.pairs:
            delivered_at = pair.first_delivery_after(fault.at)
            self.waits.append(delivered_at - fault.at if delivered_at else RECOVERS_WITHIN_S)

    async def repeat(self, kind: str, target: str, action: Callable[[], Awaitable[object]]) -> None:
        """The same fault as often as wanted, with a random pause between."""
        for _ in range(self.faults_wanted):
            await self.inject(kind, target, action)
            await self.pause()

    async def pause(self, longest_s: float = 1.5) -> None:
        """Ordinary life between two faults."""
        await asyncio.sleep(random.uniform(0.1, longest_s))

    def measure(self, name: str, value: float, limit: float, unit: str = "s") -> None:
        """A figure for the table; over its limit it breaks the run."""
        self.measured.append(Measured(name, value, limit, unit))
