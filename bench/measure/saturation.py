"""The highest rate whose messages reach the other person with a p99 under 100 ms and none lost.

A rate that fails is tried once more: half a second that somebody else took from the machine is enough to fail.
"""

import time
from typing import Protocol

from bench.measure.figures import Load

LIMIT_MS = 100.0
_FIRST_RATE = 300.0
_GROWTH = 2.0
_HIGHEST_RATE = 60_000.0
_BISECTIONS = 4
_SETTLE_S = 2.0


class Loaded(Protocol):
    """A target that can be put under load: `phases.Stage`."""

    def open_loop(self, rate: float, seconds: float, seed: int = 1) -> Load: ...

    def connect(self) -> None: ...


def held(load: Load) -> bool:
    """Whether the server kept up."""
    return load.lost == 0 and load.closed == 0 and load.delivery is not None and load.delivery.p99 < LIMIT_MS


def search(stage: Loaded, seconds: float, first_rate: float = _FIRST_RATE) -> list[Load]:
    """All trials in order: the rate grows until one fails, then the gap is halved four times (to about 6 %)."""
    trials: list[Load] = []
    good, bad = 0.0, 0.0
    rate = first_rate
    while rate < _HIGHEST_RATE:
        if _held_at(stage, rate, seconds, trials):
            good = rate
            rate *= _GROWTH
        else:
            bad = rate
            break
    if not good:  # even the first was too much
        good, bad = 0.0, first_rate
    for _ in range(_BISECTIONS if bad else 0):
        rate = (good + bad) / 2
        if _held_at(stage, rate, seconds, trials):
            good = rate
        else:
            bad = rate
    return trials


def best(trials: list[Load]) -> Load | None:
    return max((trial for trial in trials if held(trial)), key=lambda trial: trial.rate, default=None)


def _held_at(stage: Loaded, rate: float, seconds: float, trials: list[Load]) -> bool:
    return _try(stage, rate, seconds, trials) or _try(stage, rate, seconds, trials)


def _try(stage: Loaded, rate: float, seconds: float, trials: list[Load]) -> bool:
    stage.open_loop(rate, 1.0)  # caches, the JIT, PostgreSQL's files
    trial = stage.open_loop(rate, seconds, seed=len(trials) + 2)
    trials.append(trial)
    if held(trial):
        return True
    time.sleep(_SETTLE_S)
    stage.connect()
    return False
