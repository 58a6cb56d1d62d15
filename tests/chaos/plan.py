"""How long each scenario lasts in the run that docs/reliability.md shows."""

from dataclasses import replace

from tests.chaos.scenario import Size

_USUAL = Size(pairs=20, rate=80.0, faults=6, seconds=15.0, freeze_s=30.0)
_KILLS = replace(_USUAL, pairs=12, rate=120.0, faults=100)
_OTHERS = {
    "cluster-primary": replace(_USUAL, faults=20),
    "cluster-slots": replace(_USUAL, faults=20),
    "crash-between-steps": replace(_USUAL, faults=5),
    "crash-before-hint": replace(_USUAL, faults=4),
    "doubles-freeze": replace(_USUAL, faults=14),
    "doubles-kill": replace(_USUAL, faults=28),
    "doubles-relays": replace(_USUAL, pairs=6, rate=40.0, faults=20),
    "doubles-restart": replace(_USUAL, faults=14),
    "kill-all": replace(_USUAL, faults=16),
    "lease-lost": replace(_USUAL, faults=3),
    "link-blackhole": replace(_USUAL, faults=3),
    "roll-out": replace(_USUAL, pairs=8, rate=40.0, faults=3),
    "rolling-restart": replace(_USUAL, faults=1),
    "shard-freeze": replace(_USUAL, faults=12),
    "shard-kill": replace(_USUAL, faults=30),
    "shard-move": replace(_USUAL, faults=20),
    "shard-move-kills": replace(_USUAL, faults=20),
    "shard-mover-killed": replace(_USUAL, faults=18),
}


def full_size(name: str) -> Size:
    """At least 100 kills of each program; 100,000 acknowledged messages come together by themselves."""
    if name in _OTHERS:
        return _OTHERS[name]
    return _KILLS if name.startswith("kill-") else _USUAL
