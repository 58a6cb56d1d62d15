"""One phase of load on a running target, with the CPU that every program spent on it."""

import math
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bench.load.fleet import PROCESSES, Fleet, running_fleet
from bench.load.ledger import Tally
from bench.measure.figures import Latency, Load
from bench.measure.processes import cpu_seconds
from bench.targets.running import Running

_GREET_AGAIN_AFTER_S = (0, 0, 3, 6, 12, 0)


class Stage:
    """A target and the generator, connected as `pairs` pairs that have all said a first word."""

    def __init__(self, running: Running, fleet: Fleet, pairs: int) -> None:
        self.running = running
        self.fleet = fleet
        self.pairs = pairs

    def connect(self) -> None:
        """New sockets for everybody. Raises RuntimeError when somebody cannot talk."""
        self.fleet.close()
        connected = self.fleet.connect(self.running.seats(self.pairs))
        if connected.failures:
            raise RuntimeError(f"{len(connected.failures)} could not connect: {connected.failures[0]}")
        # A subscription made without waiting may miss the first one; an overloaded server may still be catching up.
        for wait_s in _GREET_AGAIN_AFTER_S:
            if self.fleet.greet().lost == 0:
                return
            time.sleep(wait_s)
        raise RuntimeError("not everybody hears the other")

    def wait(self, seconds: float) -> None:
        """Nobody writes."""
        time.sleep(seconds)

    def open_loop(self, rate: float, seconds: float, seed: int = 1) -> Load:
        return self._phase(rate, seconds, lambda: self.fleet.open_loop(rate, seconds, seed=seed))

    def in_flight(self, depth: int, seconds: float) -> Load:
        return self._phase(0.0, seconds, lambda: self.fleet.in_flight(depth, seconds))

    def _phase(self, rate: float, seconds: float, run: Callable[[], Tally]) -> Load:
        before = cpu_seconds(self.running.roots)
        tally = run()
        after = cpu_seconds(self.running.roots)
        return Load(
            rate=rate,
            seconds=seconds,
            sent=tally.sent,
            delivered=tally.delivered,
            acknowledged=tally.acknowledged,
            lost=tally.lost,
            repeated=tally.repeated,
            reordered=tally.reordered,
            refused=tally.refused,
            closed=tally.closed,
            delivery=latency(tally.delivery_ms),
            acknowledgement=latency(tally.acknowledgement_ms),
            cpu_s={name: round(after[name] - before[name], 3) for name in after},
            generator_cpu=round(tally.cpu_s / seconds, 3),
            late_ms=round(_quantile(sorted(tally.late_ms), 0.99), 3),
        )


@contextmanager
def staged(running: Running, pairs: int, processes: int = PROCESSES) -> Iterator[Stage]:
    with running_fleet(running.dialect, processes) as fleet:
        stage = Stage(running, fleet, pairs)
        stage.connect()
        yield stage


def latency(samples: "array[float]") -> Latency | None:
    if not samples:
        return None
    ordered = sorted(samples)
    p50, p99, p999 = (round(_quantile(ordered, part), 3) for part in (0.5, 0.99, 0.999))
    return Latency(p50, p99, p999, round(ordered[-1], 3))


def _quantile(ordered: Sequence[float], part: float) -> float:
    """Nearest rank; 0 for nothing."""
    return ordered[max(0, math.ceil(len(ordered) * part) - 1)] if ordered else 0.0
