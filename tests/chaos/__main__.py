"""`python -m tests.chaos [SCENARIO …]`: plays them one after another, prints the table, exits 1 if a promise broke."""

import argparse
import asyncio
import sys
import traceback
from dataclasses import replace
from pathlib import Path

from tests.chaos import report
from tests.chaos.checkout import UnknownVersion, commit_of
from tests.chaos.plan import full_size
from tests.chaos.results import Results
from tests.chaos.scenario import REGISTER, NotPossible, Outcome, Scenario, Size, play
from tests.chaos.scenarios import load_all
from tests.chaos.scenarios.roll_out import ROLL_OUT, against


def main() -> int:
    load_all()
    options = _options()
    if options.list:
        for name, known in REGISTER.items():
            print(f"{name:<24} {known.promise.splitlines()[0]}")
        return 0
    wanted = [known for name, known in REGISTER.items() if not options.scenarios or name in options.scenarios]
    wanted = [against(known, options.against) for known in wanted]
    if options.debug:
        wanted = [replace(known, settings={**known.settings, "DUET_LOG_LEVEL": "debug"}) for known in wanted]
    size = Size(options.pairs, options.rate, options.faults, options.minutes * 60, options.freeze)
    results = Results(options.results) if options.results else None
    if results is not None:
        wanted = [known for known in wanted if options.again or not results.holds(known.name)]
    sized = [(known, full_size(known.name) if options.full else size) for known in wanted]
    outcomes, broke = asyncio.run(_play_all(sized, options.logs, results))
    if len(outcomes) > 1:
        print("\n" + report.table(outcomes))
    return 0 if not broke and all(outcome.held for outcome in outcomes) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="all of them by default; see --list")
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--pairs", type=int, default=Size.pairs)
    parser.add_argument("--rate", type=float, default=Size.rate, help="messages a second, all pairs together")
    parser.add_argument("--faults", "--kills", type=int, default=Size.faults, help="how many, where repeated")
    parser.add_argument(
        "--minutes", type=float, default=Size.seconds / 60, help="how long, where not counted"
    )
    parser.add_argument("--freeze", type=float, default=Size.freeze_s, help="seconds that a freeze lasts")
    parser.add_argument("--full", action="store_true", help="each as long as in docs/reliability.md")
    parser.add_argument(
        "--results", type=Path, help="a file for all figures; what it shows to have held is not played again"
    )
    parser.add_argument("--again", action="store_true", help="play also what the file has already")
    parser.add_argument("--logs", type=Path, help="a directory for the programs' logs, by scenario")
    parser.add_argument("--debug", action="store_true", help="with logs of the finest level")
    parser.add_argument(
        "--against",
        metavar="REV",
        help="roll-out: the tag or commit that this version replaces; the last tag",
    )
    options = parser.parse_args()
    if unknown := set(options.scenarios) - set(REGISTER):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))} (see --list)")
    if options.against or ROLL_OUT in options.scenarios:
        try:
            commit_of(options.against)
        except UnknownVersion as reason:
            parser.error(str(reason))
    return options


async def _play_all(
    wanted: list[tuple[Scenario, Size]], logs: Path | None, results: Results | None
) -> tuple[list[Outcome], bool]:
    """broke: whether a scenario came to no outcome; the next ones are played all the same."""
    outcomes, broke = [], False
    for chosen, size in wanted:
        try:
            outcome = await play(chosen, size, logs)
        except NotPossible as reason:
            print(f"{chosen.name}: not possible here: {reason}")
            continue
        except Exception:
            print(f"{chosen.name}: came to no outcome\n{traceback.format_exc()}", flush=True)
            broke = True
            continue
        print(report.table([outcome]), flush=True)
        print(f"    closes: {outcome.closes}  peak MiB: {outcome.peak_mib}", flush=True)
        outcomes.append(outcome)
        if results is not None:
            results.add(outcome)
    return outcomes, broke


if __name__ == "__main__":
    sys.exit(main())
