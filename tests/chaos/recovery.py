"""How long each pair waited for its first delivery after each fault."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """kind: kill, freeze, … target: what was hurt. at: monotonic seconds, from which recovery counts."""

    kind: str
    target: str
    at: float


@dataclass(frozen=True)
class Spread:
    """Seconds. count: how many waits."""

    count: int
    median: float
    p99: float
    longest: float

    def __str__(self) -> str:
        return f"{self.median:.2f} / {self.p99:.2f} / {self.longest:.2f}" if self.count else "–"


def spread(seconds: Sequence[float]) -> Spread:
    """Nearest rank; all 0 without values."""
    ordered = sorted(seconds)
    if not ordered:
        return Spread(0, 0.0, 0.0, 0.0)

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Spread(len(ordered), rank(0.5), rank(0.99), ordered[-1])
