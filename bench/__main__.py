"""`python -m bench`: measures all targets one after the other, then Duet's scale, and writes docs/performance.md."""

import argparse
import signal
import sys

from bench import machine, run
from bench.options import some_of
from bench.plan import AGAIN, FULL, FULL_SCALE, QUICK, QUICK_SCALE
from bench.report.write import write
from bench.scale.table import MEASUREMENTS, save
from bench.targets.programs import NotInstalledError
from bench.targets.table import TARGETS


def main(arguments: list[str]) -> None:
    options = _parse(arguments)
    if not options.report:
        numbers = [options.round] if options.round else range(1, options.rounds + 1)
        for number in numbers if options.only != [] else ():
            _measure(options.only, number, quick=options.quick)
        _measure_scale(options.scale, quick=options.quick)
    if not options.quick:
        print(f"Wrote {write()}")


def _measure(only: list[str] | None, number: int, *, quick: bool) -> None:
    plan = QUICK if quick else FULL if number == 1 else AGAIN
    for target in TARGETS:
        if only is not None and target.name not in only:
            continue
        print(f"{target.title} (round {number})", flush=True)
        try:
            with machine.noise() as noise:
                result = run.measure(target, plan, lambda line: print(line, flush=True))
        except NotInstalledError as error:
            print(f"  left out: {error}", flush=True)
            continue
        result.remarks.append(str(noise))
        print(f"  {noise}", flush=True)
        if not quick:
            run.save(result, number)
            machine.save()


def _measure_scale(names: list[str], *, quick: bool) -> None:
    for name in names:
        print(f"Duet: {name}", flush=True)
        with machine.noise() as noise:
            result = MEASUREMENTS[name](QUICK_SCALE if quick else FULL_SCALE)
        print(f"  {result}\n  {noise}", flush=True)
        if not quick:
            save(name, result)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    targets = [target.name for target in TARGETS]
    parser.add_argument("--only", type=some_of(targets), help=f"of {', '.join(targets)}; or none")
    parser.add_argument(
        "--scale", type=some_of([*MEASUREMENTS]), default=[*MEASUREMENTS], help=f"of {', '.join(MEASUREMENTS)}; or none"
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="a short look; nothing is saved")
    parser.add_argument("--rounds", type=int, default=2, help="how often each target is measured (2)")
    parser.add_argument("--round", type=int, help="only this one, so that a run can be had in pieces")
    parser.add_argument(
        "--report", action="store_true", help="only write docs/performance.md from what is saved"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, and its files go
    main(sys.argv[1:])
