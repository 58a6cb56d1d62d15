"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """pairs: of people who write to each other; rates: messages a second over all of them; seconds: of each phase.

    trial_seconds: of each step in the search for saturation. depth: messages in flight a pair. idle: sockets.
    """

    pairs: int = 100
    rates: tuple[float, ...] = (100, 250, 500, 1000, 2000, 4000, 8000)
    seconds: float = 10.0
    trial_seconds: float = 6.0
    depth: int = 8
    in_flight_seconds: float = 5.0
    idle: tuple[int, ...] = (2_000, 10_000)


FULL = Plan()
AGAIN = Plan(idle=())
"""A further round: for the spread of what noise disturbs."""
QUICK = Plan(pairs=20, rates=(100, 500), seconds=3.0, trial_seconds=2.0, in_flight_seconds=2.0, idle=(200,))
