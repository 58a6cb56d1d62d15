"""The tables of `bench.pace`: medians over the rounds, and how far the rounds lie apart."""

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from bench.measure.figures import Load
from bench.measure.saturation import held

Loads = dict[str, dict[float, list[Load]]]
"""By target and rate: one a round."""
Figure = Callable[[Load], float]
_LEAST_MS = 0.002


def p50(load: Load) -> float:
    return load.delivery.p50 if load.delivery else float("inf")


def p99(load: Load) -> float:
    return load.delivery.p99 if load.delivery else float("inf")


def p999(load: Load) -> float:
    return load.delivery.p999 if load.delivery else float("inf")


def cpu(load: Load) -> float:
    """Of all programs, PostgreSQL and Redis included: ms a message."""
    return load.cpu_ms_a_message([*load.cpu_s])


def table(loads: Loads) -> str:
    """A row for each target and rate."""
    header = ("", "msg/s", "p50 ms", "p99", "p99.9", "CPU ms a message", "of which", "")
    rows = []
    for name, rates in loads.items():
        for rate, rounds in rates.items():
            times = [spread([figure(load) for load in rounds]) for figure in (p50, p99, p999, cpu)]
            rows.append([name, f"{rate:,.0f}", *times, programs(rounds), remarks(rounds)])
    return aligned(header, rows)


def ratios(loads: Loads) -> str:
    """The first target as a multiple of each other one, round by round: they were under load one after the other."""
    (first, own), *others = loads.items()
    rows = []
    for name, rates in others:
        for rate, rounds in rates.items():
            pairs = [*zip(own[rate], rounds, strict=False)]
            times = [spread(ratio(figure, pairs)) for figure in (p50, p99, p999, cpu)]
            rows.append([f"{first} / {name}", f"{rate:,.0f}", *times])
    return aligned(("", "msg/s", "p50", "p99", "p99.9", "CPU"), rows)


def ratio(figure: Figure, pairs: Iterable[tuple[Load, Load]]) -> list[float]:
    return [figure(ours) / figure(theirs) for ours, theirs in pairs]


def spread(values: Sequence[float]) -> str:
    """The median and, of several, the least and the most."""
    middle = f"{median(values):.2f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.2f}-{max(values):.2f})"


def programs(rounds: Sequence[Load]) -> str:
    """CPU ms a message by program, the dearest first; what does not take part is left out."""
    costs = {name: median(load.cpu_ms_a_message([name]) for load in rounds) for name in rounds[0].cpu_s}
    dearest = sorted(costs.items(), key=lambda cost: -cost[1])
    return ", ".join(f"{name} {cost:.3f}" for name, cost in dearest if cost >= _LEAST_MS)


def remarks(rounds: Sequence[Load]) -> str:
    """What was lost, repeated or came out of order, over all rounds, and whether it was too much; empty for nothing."""
    counts = {
        "lost": sum(load.lost for load in rounds),
        "repeated": sum(load.repeated for load in rounds),
        "out of order": sum(load.reordered for load in rounds),
        "of {} rounds over its limit": sum(not held(load) for load in rounds),
    }
    return ", ".join(f"{count:,} {what.format(len(rounds))}" for what, count in counts.items() if count)


def aligned(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as what is in them."""
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
