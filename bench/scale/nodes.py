"""CPU a message with 1, 2, 4 and 8 relay nodes; the pairs are spread over them by the gateway's own hash.

At the same rates whatever the number of nodes, and at a rate that grows with them.
"""

from collections.abc import Sequence

import msgspec

from bench.measure.figures import Load
from bench.measure.phases import staged
from bench.measure.processes import cpu_seconds
from bench.targets.duet import duet

_IDLE_S = 5.0


class Nodes(msgspec.Struct, frozen=True):
    """loads: one a rate, rising. idle_cpu: cores used by each program while nobody writes."""

    relays: int
    threads: int
    idle_cpu: dict[str, float]
    loads: list[Load]


def measure(relays: int, rates: Sequence[float], seconds: float, pairs: int, threads: int = 1) -> Nodes:
    with duet(relays=relays, threads=threads) as running, staged(running, pairs) as stage:
        stage.open_loop(rates[0], 2.0)
        before = cpu_seconds(running.roots)
        stage.wait(_IDLE_S)
        after = cpu_seconds(running.roots)
        idle = {name: round((after[name] - before[name]) / _IDLE_S, 4) for name in after}
        rising = sorted({*rates, relays * rates[0]})
        return Nodes(relays, threads, idle, [stage.open_loop(rate, seconds) for rate in rising])
