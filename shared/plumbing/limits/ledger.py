"""What all processes have given out of shared buckets, in Redis, so that a limit holds over all of them together.

Nobody waits for it. A bucket gives out what it knows to be there, and a tenth of a second later tells the ledger, which
answers how full the bucket of all is. What several gave out at once beyond that is owed: it has to drip in first. While
Redis is away each process goes by what it has given out itself.
"""

import asyncio
import time
from collections.abc import Callable, Hashable, Sequence
from functools import partial

from shared.plumbing.limits.buckets import Buckets
from shared.plumbing.redis.client import Redis
from shared.plumbing.redis.script import Script

EVERY_S = 0.1
_KEYS_A_ROUND = 500
_ADD = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + ARGV[1]
if full_at <= now then
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
return math.ceil(full_at - now)
""")
"""KEYS[1]: one bucket, as the time at which it is full again, in microseconds of the server's clock, so that those of
our hosts need not agree. ARGV[1]: in how many it drips in what was given out. Answers in how many it is full."""


class SharedBuckets(Buckets):
    """Buckets of which other processes have the same. name: by which the ledger knows them."""

    def __init__(
        self, ledger: "Ledger", name: str, rate: float, burst: float, clock: Callable[[], float]
    ) -> None:
        super().__init__(rate, burst, clock)
        self.name = name
        self._ledger = ledger

    def take(self, key: Hashable, tokens: float = 1) -> float:
        wait_s = super().take(key, tokens)
        if not wait_s:
            self._ledger.add(self, key, tokens / self._rate)
        return wait_s

    def charge(self, key: Hashable, tokens: float) -> None:
        super().charge(key, tokens)
        self._ledger.add(self, key, tokens / self._rate)

    def learn(self, key: Hashable, full_in_s: float) -> None:
        """The bucket of all processes will be full then; ours is never fuller."""
        full_at = self._clock() + full_in_s
        if full_at > self._full_at.get(key, 0.0):
            self._keep(key, full_at)


class Ledger:
    """Of one process. Without `keep` its buckets are of that process alone."""

    def __init__(self) -> None:
        self._kept = False
        self._some = asyncio.Event()
        self._given: dict[tuple[SharedBuckets, Hashable], float] = {}

    def buckets(
        self, name: str, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> Buckets:
        """rate, burst: as of `Buckets`, the same in all processes."""
        return SharedBuckets(self, name, rate, burst, clock)

    def add(self, buckets: SharedBuckets, key: Hashable, drips_in_s: float) -> None:
        """Something was given out, which drips in again in so long; negative for what came back."""
        if self._kept:
            self._given[buckets, key] = self._given.get((buckets, key), 0.0) + drips_in_s
            self._some.set()

    async def keep(self, redis: Redis) -> None:
        """Tells what was given out, and learns. Until cancelled; while nothing is given out, nothing runs."""
        self._kept = True
        try:
            while True:
                await self._some.wait()
                await asyncio.sleep(EVERY_S)
                self._some.clear()
                given, self._given = [*self._given.items()], {}
                for start in range(0, len(given), _KEYS_A_ROUND):
                    part = given[start : start + _KEYS_A_ROUND]
                    await redis.attempt(partial(self._tell, redis, part), None)
        finally:
            self._kept = False
            self._given.clear()

    async def _tell(
        self, redis: Redis, given: Sequence[tuple[tuple[SharedBuckets, Hashable], float]]
    ) -> None:
        """What is not heard is not told again: it may have been counted, and here it is."""
        answers = await _ADD.run_each(
            redis.hot,
            [(f"duet:bucket:{of.name}:{key}", round(drips_s * 1e6)) for (of, key), drips_s in given],
        )
        for ((of, key), _), full_in_us in zip(given, answers, strict=True):
            meanwhile_s = self._given.get((of, key), 0.0)  # the ledger does not know of it yet
            of.learn(key, full_in_us / 1e6 + meanwhile_s)
