"""`python -m bench.smoke`: within a minute, whether Duet has become a third slower against the same run's neighbours.

Ratios only, against FastAPI and the bare echo: they mean the same on any machine. `--save` keeps the new ones.
"""

import json
import signal
import sys
from pathlib import Path

from bench.measure.figures import Load
from bench.measure.phases import staged
from bench.targets.table import TARGETS

STORED = Path(__file__).with_name("smoke.json")
_WORSE = 4 / 3
_PAIRS = 20
_RATE = 300.0
_SECONDS = 5.0
_DEPTH = 8
_NEIGHBOURS = ("fastapi", "echo")


def main(arguments: list[str]) -> int:
    """Exit status: 1 for a regression of more than a third, or a message lost, repeated or out of order."""
    measured = {
        target.name: _measure(target.name) for target in TARGETS if target.name in ("duet", *_NEIGHBOURS)
    }
    for name, (steady, full) in measured.items():
        print(
            f"{name}: {steady.cpu_ms_a_message():.3f} ms of CPU a message, {full.sent / full.seconds:,.0f}/s at most"
        )
    broken = [load for load in measured["duet"] if load.lost or load.repeated or load.reordered]
    for load in broken:
        print(f"Duet lost {load.lost}, repeated {load.repeated}, reordered {load.reordered} of {load.sent}")
    ratios = _ratios(measured)
    if "--save" in arguments:
        STORED.write_text(json.dumps(ratios, indent=1) + "\n")
    stored: dict[str, float] = json.loads(STORED.read_text())
    worse = [name for name, ratio in ratios.items() if ratio > stored[name] * _WORSE]
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.3f}, stored {stored[name]:.3f}{'  WORSE' if name in worse else ''}")
    return 1 if worse or broken else 0


def _measure(name: str) -> tuple[Load, Load]:
    target = next(target for target in TARGETS if target.name == name)
    with target.start() as running, staged(running, _PAIRS) as stage:
        stage.open_loop(_RATE, 1.5)
        return stage.open_loop(_RATE, _SECONDS), stage.in_flight(_DEPTH, _SECONDS)


def _ratios(measured: dict[str, tuple[Load, Load]]) -> dict[str, float]:
    """Of what a message costs, so that more is worse."""
    ratios = {}
    steady, full = measured["duet"]
    for name in _NEIGHBOURS:
        other_steady, other_full = measured[name]
        ratios[f"CPU a message at {_RATE:.0f}/s against {name}"] = (
            steady.cpu_ms_a_message() / other_steady.cpu_ms_a_message()
        )
        ratios[f"time a message at full speed against {name}"] = (other_full.sent / other_full.seconds) / (
            full.sent / full.seconds
        )
    return {name: round(ratio, 3) for name, ratio in ratios.items()}


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
