"""How much of the engine one address may use: milliseconds of search, filled up at a steady rate."""

from shared.plumbing.buckets import Buckets
from shared.wire.problems import RateLimited

_RATE_MS = 500  # a second
_BURST_MS = 20_000


class Allowance:
    """on: False for load tests."""

    def __init__(self, *, on: bool) -> None:
        self._on = on
        self._buckets = Buckets(rate=_RATE_MS, burst=_BURST_MS)

    def take(self, address: str, cost_ms: int) -> None:
        """Raises RateLimited when the address has used up its share."""
        wait_s = self._buckets.take(address, cost_ms) if self._on else 0.0
        if wait_s:
            raise RateLimited(wait_s)
