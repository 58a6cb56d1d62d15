"""Token buckets: a steady rate with a burst."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

_MAX_KEYS = 50_000


class Buckets:
    """One bucket a key. rate: tokens a second; burst: tokens in a full bucket. Full ones are forgotten."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        # The virtual scheduling form (GCRA): per key, the time at which its bucket will be full again.
        self._full_at: OrderedDict[Hashable, float] = OrderedDict()

    def take(self, key: Hashable, tokens: float = 1) -> float:
        """Takes tokens: 0.0 if there were enough; else takes none and says in how many seconds there will be."""
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now) + tokens / self._rate
        wait = full_at - now - self._burst / self._rate
        if wait > 1e-9:
            return wait
        self._keep(key, full_at)
        return 0.0

    def missing(self, key: Hashable) -> float:
        """How many tokens are missing from a full bucket; more than `burst` after a `charge` on credit."""
        return max(0.0, self._full_at.get(key, -math.inf) - self._clock()) * self._rate

    def charge(self, key: Hashable, tokens: float) -> None:
        """Takes tokens even if there are too few; a negative number gives them back."""
        now = self._clock()
        self._keep(key, max(self._full_at.get(key, now), now) + tokens / self._rate)

    def _keep(self, key: Hashable, full_at: float) -> None:
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        while len(self._full_at) > _MAX_KEYS:
            self._full_at.popitem(last=False)
