"""`python -m bench.pace`: how fast a message is and what it costs, of Duet and its neighbours side by side.

Everything runs at once and is loaded in turns, round after round, so that the ratios hold on a busy machine.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from bench import machine
from bench.measure.abreast import Start, abreast, loaded
from bench.measure.phases import Stage
from bench.measure.turns import turns
from bench.options import rates, some_of
from bench.report.pace import Loads, p50, ratios, table
from bench.run import describe
from bench.targets.duet import duet
from bench.targets.programs import NotInstalledError
from bench.targets.table import TARGETS

_WARM_UP_RATE, _WARM_UP_S = 500.0, 2.0
_DROWNED_MS = 1000.0


def main(arguments: list[str]) -> None:
    options = _parse(arguments)
    starts = _starts(options.targets, options.against)
    with machine.noise() as noise, abreast(starts, options.pairs, urgent=options.urgent) as stages:
        for stage in stages.values():
            loaded(stage, _WARM_UP_RATE, _WARM_UP_S, seed=1)
        loads = _measure(stages, options.rates, options.rounds, options.seconds)
    print(table(loads), ratios(loads), noise, sep="\n\n")
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(loads), indent=1) + b"\n")


def _starts(targets: Sequence[str], against: Sequence[Path]) -> dict[str, Start]:
    """The first one is what the others are compared with."""
    known: dict[str, Start] = {target.name: target.start for target in TARGETS}
    others: dict[str, Start] = {f"duet of {path.name}": partial(duet, repository=path) for path in against}
    return {name: known[name] for name in targets} | others


def _measure(stages: dict[str, Stage], rates: Sequence[float], rounds: int, seconds: float) -> Loads:
    """A rate that drowned a target is not asked of it again: what is left over would be in the way of the others."""
    loads: Loads = {name: {rate: [] for rate in rates} for name in stages}
    for number, rate, name in turns({each: [*stages] for each in rates}, rounds):
        if all(p50(load) < _DROWNED_MS for load in loads[name][rate]):
            load = loaded(stages[name], rate, seconds, seed=number + 2)
            loads[name][rate].append(load)
            print(f"round {number + 1}, {name} at {rate:,.0f}/s: {describe(load)}", file=sys.stderr)
    return loads


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pace", description=__doc__)
    known = [target.name for target in TARGETS]
    parser.add_argument(
        "--targets", type=some_of(known), default=["duet", "node", "fastapi"],
        help=f"of {', '.join(known)}; the others are compared with the first (duet,node,fastapi)",
    )  # fmt: skip
    parser.add_argument(
        "--against", type=Path, action="append", default=[], help="another checkout, whose Duet runs as well"
    )
    parser.add_argument(
        "--rates", type=rates, default=[100, 500, 1000, 2000], help="messages a second (100,500,1000,2000)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured at each rate (3)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of load each time (3)")
    parser.add_argument("--pairs", type=int, default=100, help="of people who write to each other (100)")
    parser.add_argument(
        "--urgent", action="store_true", help="before all else that a busy machine does (as root)"
    )
    parser.add_argument("--json", type=Path, help="a file for all figures of all rounds")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, and its files go
    try:
        main(sys.argv[1:])
    except NotInstalledError as error:
        sys.exit(str(error))
