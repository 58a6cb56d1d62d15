"""How high the ratios of `bench.smoke` may be.

Medians of three rounds, in runs among a load average of 15 to 40: against node 1.35 to 1.43 in CPU and 1.72 to 1.81 in
p50 (1.48 to 1.59 since a few messages are appended by plain statements), against FastAPI 0.94 to 0.99 and 1.00 to 1.09;
against the echo, which costs so little that the kernel's clock ticks count, 7.9 to 9.2. Single rounds lay within 35 %.
A p99 has no row: rounds of it lay 0.25 to 2.9 of node's apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from bench.measure.figures import Load
from bench.report.pace import cpu, p50, ratio

FIGURES: dict[str, Callable[[Load], float]] = {"CPU a message": cpu, "p50": p50}
"""CPU: of all programs, PostgreSQL and Redis included."""
_SPARE = {"CPU a message": 1.2, "p50": 1.25}
"""How much more than what was measured a limit leaves room for."""


@dataclass(frozen=True)
class Row:
    """Duet's figure in a phase as a multiple of the neighbour's."""

    figure: str
    phase: str
    neighbour: str

    def __str__(self) -> str:
        return f"{self.figure} {self.phase} against {self.neighbour}"


ROWS = [
    Row("CPU a message", "at 300/s", "fastapi"),
    Row("CPU a message", "at 300/s", "echo"),
    Row("CPU a message", "at 1,000/s", "node"),
    Row("CPU a message", "at 1,000/s", "fastapi"),
    Row("p50", "at 1,000/s", "node"),
    Row("p50", "at 1,000/s", "fastapi"),
    Row("CPU a message", "at full speed", "fastapi"),
    Row("CPU a message", "at full speed", "echo"),
]
Loads = dict[tuple[str, str], list[Load]]
"""By phase and target: one a round."""
Limits = Mapping[str, float]


def ratios(row: Row, loads: Loads) -> list[float]:
    """One a round."""
    own, other = loads[row.phase, "duet"], loads[row.phase, row.neighbour]
    return ratio(FIGURES[row.figure], zip(own, other, strict=False))


def above(loads: Loads, limits: Limits) -> list[Row]:
    """The rows whose median is higher than it may be."""
    return [row for row in ROWS if median(ratios(row, loads)) > limits[str(row)]]


def tightened(loads: Loads, limits: Limits) -> dict[str, float]:
    """No limit is higher than before, and none higher than what was measured and its spare room."""
    found = {str(row): median(ratios(row, loads)) * _SPARE[row.figure] for row in ROWS}
    return {name: min(limits[name], round(most, 2)) for name, most in found.items()}
