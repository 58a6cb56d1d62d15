"""`python -m bench.smoke`: within three minutes, whether a message of Duet's is slower or dearer than it may be.

Ratios only, to neighbours in the same run: they mean about the same on any machine, and on a busy one. smoke.json says
how high each may be: what holds today and a fifth more for CPU, a quarter for the p50. Medians of three rounds lay
within 4 % of each other in CPU (against the echo, 14 %) and 6 % in p50, over three runs among a load average of 15 to
40; single rounds within 35 %. What is too high is measured in two more rounds before it counts. A p99 is no row: single
rounds of it lay 0.25 to 2.9 times node's apart.
"""

import json
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from bench.measure.abreast import Start, abreast, rest
from bench.measure.figures import Load
from bench.measure.phases import Stage
from bench.measure.turns import turns
from bench.report.pace import cpu, p50, ratio, spread
from bench.targets.duet import duet
from bench.targets.peers import echo, fastapi, node

LIMITS = Path(__file__).with_name("smoke.json")
_PAIRS = 20
_SECONDS, _FULL_SECONDS = 2.5, 1.2
_DEPTH = 8
_ROUNDS, _MORE_ROUNDS = 3, 2

_STARTS: dict[str, Start] = {
    "duet": partial(duet, relays=1),  # what it starts by itself depends on the machine
    "node": node,
    "fastapi": fastapi,
    "echo": echo,
}
_PHASES: dict[str, Callable[[Stage, int], Load]] = {
    "at 300/s": lambda stage, seed: stage.open_loop(300.0, _SECONDS, seed),
    "at 1,000/s": lambda stage, seed: stage.open_loop(1000.0, _SECONDS, seed),
    "at full speed": lambda stage, seed: stage.in_flight(_DEPTH, _FULL_SECONDS),
}
_FIGURES: dict[str, Callable[[Load], float]] = {"CPU a message": cpu, "p50": p50}
"""CPU: of all programs, PostgreSQL and Redis included."""


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


def main() -> int:
    """Exit status: 1 for a row above its limit, or a message lost, repeated or out of order."""
    limits: dict[str, float] = json.loads(LIMITS.read_text())
    loads: Loads = {}
    with abreast(_STARTS, _PAIRS, urgent=True) as stages:
        for stage in stages.values():
            _PHASES["at 1,000/s"](stage, 1)  # the JIT of node, caches, PostgreSQL's files
        _measure(stages, ROWS, _ROUNDS, loads)
        if doubtful := above(loads, limits):
            print("Once more, in case it was the machine", flush=True)
            _measure(stages, doubtful, _MORE_ROUNDS, loads)
    too_high = above(loads, limits)
    for row in ROWS:
        remark = "  TOO HIGH" if row in too_high else ""
        print(f"{row}: {spread(_ratios(row, loads))}, may be {limits[str(row)]:.2f}{remark}")
    wrong = [load for (_, name), done in loads.items() if name == "duet" for load in done if _is_wrong(load)]
    for load in wrong:
        print(f"Duet lost {load.lost}, repeated {load.repeated}, reordered {load.reordered} of {load.sent}")
    return 1 if too_high or wrong else 0


def above(loads: Loads, limits: Mapping[str, float]) -> list[Row]:
    """The rows whose median is higher than it may be."""
    return [row for row in ROWS if median(_ratios(row, loads)) > limits[str(row)]]


def _measure(stages: Mapping[str, Stage], rows: Sequence[Row], rounds: int, loads: Loads) -> None:
    """Adds to `loads` what these rows compare. Full speed is last: Duet's search index then has to catch up."""
    for phase in dict.fromkeys(row.phase for row in rows):
        neighbours = dict.fromkeys(row.neighbour for row in rows if row.phase == phase)
        for number, _, name in turns({phase: ["duet", *neighbours]}, rounds):
            load = _PHASES[phase](stages[name], number + 2)
            rest(stages[name])
            loads.setdefault((phase, name), []).append(load)
            figures = ", ".join(f"{figure(load):.3f} ms {what}" for what, figure in _FIGURES.items())
            print(f"{name} {phase}: {figures} ({load.sent / load.seconds:,.0f}/s)", flush=True)


def _ratios(row: Row, loads: Loads) -> list[float]:
    """One a round."""
    own, other = loads[row.phase, "duet"], loads[row.phase, row.neighbour]
    return ratio(_FIGURES[row.figure], zip(own, other, strict=False))


def _is_wrong(load: Load) -> bool:
    return bool(load.lost or load.repeated or load.reordered)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, and its files go
    sys.exit(main())
