"""`python -m bench.smoke`: within a minute, whether Duet has become a third slower against the same run's neighbours.

Ratios only, of the CPU that a message costs in all programs, against FastAPI and the bare echo: they mean about the
same on any machine, and on a busy one. What looks worse is measured again before it counts. `--save` keeps new ones.
"""

import json
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from bench.measure.figures import Load
from bench.measure.phases import staged
from bench.targets.duet import duet
from bench.targets.peers import echo, fastapi
from bench.targets.running import Running

STORED = Path(__file__).with_name("smoke.json")
_WORSE = 4 / 3
_PAIRS = 20
_RATE = 300.0
_SECONDS = 4.0
_DEPTH = 8

Start = Callable[[], AbstractContextManager[Running]]
Ratios = dict[str, float]
_DUET: Start = partial(duet, relays=1)  # what it starts by itself depends on the machine
_NEIGHBOURS: dict[str, Start] = {"fastapi": fastapi, "echo": echo}


def main(arguments: list[str]) -> int:
    """Exit status: 1 for a regression of more than a third, or a message lost, repeated or out of order."""
    ratios = _measure()
    if "--save" in arguments:
        STORED.write_text(json.dumps(ratios, indent=1) + "\n")
    stored: Ratios = json.loads(STORED.read_text())
    if _worse(ratios, stored):
        print("This looks worse; once more, in case it was the machine")
        again = _measure()
        ratios = {name: min(ratio, again[name]) for name, ratio in ratios.items()}
    worse = _worse(ratios, stored)
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f}, stored {stored[name]:.2f}{'  WORSE' if name in worse else ''}")
    return 1 if worse else 0


def _worse(ratios: Ratios, stored: Ratios) -> list[str]:
    return [name for name, ratio in ratios.items() if ratio > stored[name] * _WORSE]


def _measure() -> Ratios:
    """What a message costs Duet, as a multiple of each neighbour. Ends the program if Duet breaks its promise."""
    own = _loads("duet", _DUET)
    for load in own.values():
        if load.lost or load.repeated or load.reordered:
            sys.exit(
                f"Duet lost {load.lost}, repeated {load.repeated}, reordered {load.reordered} of {load.sent}"
            )
    ratios = {}
    for neighbour, start in _NEIGHBOURS.items():
        for phase, load in _loads(neighbour, start).items():
            ratios[f"CPU a message {phase} against {neighbour}"] = round(
                _cost_ms(own[phase]) / _cost_ms(load), 3
            )
    return ratios


def _loads(name: str, start: Start) -> dict[str, Load]:
    with start() as running, staged(running, _PAIRS) as stage:
        stage.open_loop(_RATE, 1.5)
        loads = {
            f"at {_RATE:.0f}/s": stage.open_loop(_RATE, _SECONDS),
            "at full speed": stage.in_flight(_DEPTH, _SECONDS),
        }
    costs = ", ".join(f"{_cost_ms(load):.3f} ms {phase}" for phase, load in loads.items())
    print(f"{name}: {costs} ({loads['at full speed'].sent / _SECONDS:,.0f}/s)", flush=True)
    return loads


def _cost_ms(load: Load) -> float:
    return load.cpu_ms_a_message([*load.cpu_s])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
