"""`python -m bench`: measures all targets one after the other and writes docs/performance.md."""

import argparse
import sys

from bench import machine, run
from bench.plan import AGAIN, FULL, QUICK
from bench.targets.table import TARGETS


def main(arguments: list[str]) -> None:
    options = _parse(arguments)
    chosen = [target for target in TARGETS if not options.only or target.name in options.only]
    for number in range(1, options.rounds + 1):
        plan = QUICK if options.quick else FULL if number == 1 else AGAIN
        for target in chosen:
            print(f"{target.title} (round {number})", flush=True)
            with machine.noise() as noise:
                result = run.measure(target, plan, lambda line: print(line, flush=True))
            result.remarks.append(str(noise))
            print(f"  {noise}", flush=True)
            if not options.quick:
                run.save(result, number)
                machine.save()


def _parse(arguments: list[str]) -> argparse.Namespace:
    names = [target.name for target in TARGETS]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), help=f"of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="a short look; nothing is saved")
    parser.add_argument("--rounds", type=int, default=2, help="how often each is measured (2)")
    options = parser.parse_args(arguments)
    if unknown := set(options.only or []) - set(names):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main(sys.argv[1:])
