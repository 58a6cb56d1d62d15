"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """pairs: of people who write to each other; rates: messages a second over all of them; seconds: of each phase, of
    which each rate has three.

    trial_seconds: of each step in the search for saturation. depth: messages in flight a pair. idle: sockets.
    """

    pairs: int = 100
    rates: tuple[float, ...] = (100, 500, 1000, 2000, 4000, 8000)
    seconds: float = 4.0
    trial_seconds: float = 4.0
    depth: int = 8
    in_flight_seconds: float = 5.0
    idle: tuple[int, ...] = (2_000, 10_000)


FULL = Plan()
AGAIN = Plan(idle=())
"""A further round: for the spread of what noise disturbs."""
QUICK = Plan(pairs=20, rates=(100, 500), seconds=1.0, trial_seconds=2.0, in_flight_seconds=2.0, idle=(200,))


@dataclass(frozen=True)
class Scale:
    """How far the scale measurements go. messages: stored, in rising order; seconds: of each phase.

    rates: of all relays together; the first one also of each, so that a node has as much to do as one alone has.
    """

    relays: tuple[int, ...] = (1, 2, 4, 8)
    rates: tuple[float, ...] = (1000, 2000)
    seconds: float = 10.0
    pairs: int = 100
    messages: tuple[int, ...] = (10_000, 100_000, 1_000_000, 10_000_000)
    accounts: int = 1_000_000
    dropped: int = 2_000


FULL_SCALE = Scale()
QUICK_SCALE = Scale(
    relays=(1, 2), rates=(100,), seconds=2.0, pairs=10, messages=(1_000, 10_000), accounts=10_000, dropped=100
)
