"""Targets side by side: all of them run, one at a time is under load, in turns.

On a machine that others use as well only this compares them: what disturbs one disturbs the next as much.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import chain

from bench.measure.figures import Load
from bench.measure.phases import Stage, staged
from bench.measure.processes import cpu_seconds
from bench.measure.urgency import alone, hurry
from bench.targets.running import Running

Start = Callable[[], AbstractContextManager[Running]]
_LOOK_S = 0.4
_QUIET_CORES = 0.06
_QUIET_WITHIN_S = 20.0


@contextmanager
def abreast(starts: Mapping[str, Start], pairs: int, *, urgent: bool) -> Iterator[dict[str, Stage]]:
    """Each on servers of its own, with `pairs` connected pairs. urgent: before all else that the machine does."""
    stages = {}
    with ExitStack() as stack:
        if urgent:
            stack.enter_context(alone())
            hurry([os.getpid()])
        for name, start in starts.items():
            running = stack.enter_context(start())
            if urgent:
                hurry(chain(*running.roots.values()))
            stages[name] = stack.enter_context(staged(running, pairs))
        yield stages


def loaded(stage: Stage, rate: float, seconds: float, seed: int) -> Load:
    """One phase, after which the target has come to rest: what it still does is not to be the next one's noise."""
    load = stage.open_loop(rate, seconds, seed=seed)
    rest(stage)
    return load


def rest(stage: Stage) -> None:
    """Waits until the target's programs are idle, as long as that takes but for one that never is."""
    ends_at = time.monotonic() + _QUIET_WITHIN_S
    before = _spent(stage)
    while time.monotonic() < ends_at:
        stage.wait(_LOOK_S)
        now = _spent(stage)
        if now - before <= _QUIET_CORES * _LOOK_S:
            return
        before = now


def _spent(stage: Stage) -> float:
    return sum(cpu_seconds(stage.running.roots).values())
