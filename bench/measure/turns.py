"""Who is under load when, of targets that run side by side."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

P = TypeVar("P")


def turns(phases: Mapping[P, Sequence[str]], rounds: int) -> Iterator[tuple[int, P, str]]:
    """(round from 0, phase, name): A B C in each phase, then B C A, C A B, so that nobody always follows the same one.

    phases: with the names of whom each is for.
    """
    for number in range(rounds):
        for phase, names in phases.items():
            first = number % len(names)
            for name in [*names[first:], *names[:first]]:
                yield number, phase, name
