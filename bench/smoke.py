"""`python -m bench.smoke`: within three minutes, whether a message of Duet's is slower or dearer than it may be.

Ratios only, to neighbours in the same run: they mean about the same on any machine, and on a busy one. smoke.json says
how high each may be. What is too high is measured in two more rounds before it counts.
"""

import json
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.limits import FIGURES, ROWS, Loads, Row, above, ratios, tightened
from bench.measure.abreast import Start, abreast, rest
from bench.measure.figures import Load
from bench.measure.phases import Stage
from bench.measure.turns import turns
from bench.report.pace import spread
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


def main(arguments: Sequence[str]) -> int:
    """Exit status: 1 for a row above its limit, or a message lost, repeated or out of order.

    `--tighten` lowers the limits to what was measured and the spare room of bench/limits.py.
    """
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
        print(f"{row}: {spread(ratios(row, loads))}, may be {limits[str(row)]:.2f}{remark}")
    wrong = [load for (_, name), done in loads.items() if name == "duet" for load in done if _is_wrong(load)]
    for load in wrong:
        print(f"Duet lost {load.lost}, repeated {load.repeated}, reordered {load.reordered} of {load.sent}")
    if "--tighten" in arguments and not too_high:
        LIMITS.write_text(json.dumps(tightened(loads, limits), indent=1) + "\n")
    return 1 if too_high or wrong else 0


def _measure(stages: Mapping[str, Stage], rows: Sequence[Row], rounds: int, loads: Loads) -> None:
    """Adds to `loads` what these rows compare. Full speed is last: Duet's search index then has to catch up."""
    for phase in dict.fromkeys(row.phase for row in rows):
        neighbours = dict.fromkeys(row.neighbour for row in rows if row.phase == phase)
        for number, _, name in turns({phase: ["duet", *neighbours]}, rounds):
            load = _PHASES[phase](stages[name], number + 2)
            rest(stages[name])
            loads.setdefault((phase, name), []).append(load)
            figures = ", ".join(f"{figure(load):.3f} ms {what}" for what, figure in FIGURES.items())
            print(f"{name} {phase}: {figures} ({load.sent / load.seconds:,.0f}/s)", flush=True)


def _is_wrong(load: Load) -> bool:
    return bool(load.lost or load.repeated or load.reordered)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, and its files go
    sys.exit(main(sys.argv[1:]))
