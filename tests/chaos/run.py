"""One scenario as it runs: an instance, a crowd, the faults so far, and what was measured."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.chaos.crowd import Crowd
from tests.chaos.instance import Instance
from tests.chaos.memory import Memory
from tests.chaos.pair import Pair
from tests.chaos.recovery import Fault, Spread, spread

RECOVERS_WITHIN_S = 20.0
"""Longer than any target: what takes longer counts as this long, and the scenario goes on."""


Probe = Callable[[float], Awaitable[object]]


@dataclass(frozen=True)
class Measured:
    """A figure with its bound. ok: whether it is within."""

    name: str
    value: float
    limit: float
    unit: str

    @property
    def ok(self) -> bool:
        return self.ok_at(1.0)

    def ok_at(self, slowness: float) -> bool:
        """Whether it would be on a quiet machine, when this one takes so much longer for everything."""
        return self.value <= self.limit * (slowness if self.unit == "s" else 1.0)

    def __str__(self) -> str:
        return f"{self.name}: {self.value:.2f} {self.unit} (limit {self.limit:g})"


@dataclass
class Run:
    """faults_wanted, seconds_wanted: how long a scenario goes on. waits: seconds, one a pair and fault.

    probes: what must work again beside the chat; each is given a time and returns once something begun later worked.
    With probes, waits are theirs; slowest_chat_s is the longest wait of a pair all the same.
    """

    instance: Instance
    crowd: Crowd
    faults_wanted: int
    seconds_wanted: float
    freeze_s: float
    memory: Memory
    faults: list[Fault] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    slowest_chat_s: float = 0.0

    async def inject(self, kind: str, target: str, action: Callable[[], Awaitable[object]]) -> None:
        """Hurts, then writes a message for everybody and waits until each pair hears from each other again.

        Recovery counts from the end of `action`: for a freeze that is the thaw, for a kill the kill."""
        await action()
        fault = Fault(kind, target, time.monotonic())
        self.faults.append(fault)
        self.crowd.nudge()
        probed = [asyncio.create_task(self._probe(probe, fault.at)) for probe in self.probes]
        await self.crowd.delivers_again(fault.at, RECOVERS_WITHIN_S)
        pairs = [self._waited(pair, fault.at) for pair in self.crowd.pairs]
        self.waits += await asyncio.gather(*probed) if probed else pairs
        self.slowest_chat_s = max(self.slowest_chat_s, *pairs)

    @staticmethod
    def _waited(pair: Pair, since: float) -> float:
        delivered_at = pair.first_delivery_after(since)
        return delivered_at - since if delivered_at else RECOVERS_WITHIN_S

    async def _probe(self, probe: Probe, since: float) -> float:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RECOVERS_WITHIN_S):
                await probe(since)
                return time.monotonic() - since
        return RECOVERS_WITHIN_S

    async def repeat(self, kind: str, target: str, action: Callable[[], Awaitable[object]]) -> None:
        """The same fault as often as wanted, with a random pause between."""
        for _ in range(self.faults_wanted):
            await self.inject(kind, target, action)
            await self.pause(1.0)

    async def keep_doing(
        self, kind: str, target: str, every_s: float, action: Callable[[], Awaitable[object]]
    ) -> None:
        """The same fault at a steady pace for as long as wanted, without waiting for recovery."""
        began = time.monotonic()
        while time.monotonic() - began < self.seconds_wanted:
            await action()
            self.faults.append(Fault(kind, target, time.monotonic()))
            await asyncio.sleep(every_s)

    def lags(self, since: float) -> Spread:
        """As `lags_between`, up to now."""
        return spread(self.lags_between(since, time.monotonic()))

    def lags_between(self, since: float, until: float) -> list[float]:
        """Submission to delivery of what was written in that time; what is not delivered counts till now."""
        now = time.monotonic()
        messages = (m for pair in self.crowd.pairs for m in pair.messages.values())
        return [
            (m.delivered_at or now) - m.submitted_at
            for m in messages
            if since <= m.submitted_at < until and not m.refusal
        ]

    async def pause(self, longest_s: float = 1.5) -> None:
        """Ordinary life between two faults."""
        await asyncio.sleep(random.uniform(0.15, longest_s))

    def measure(self, name: str, value: float, limit: float, unit: str = "s") -> None:
        """A figure for the table; over its limit it breaks the run."""
        self.measured.append(Measured(name, value, limit, unit))
