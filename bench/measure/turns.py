"""Who is under load when, of targets that run side by side."""

from collections.abc import Iterator, Sequence


def turns(names: Sequence[str], rates: Sequence[float], rounds: int) -> Iterator[tuple[int, str, float]]:
    """(round from 0, name, rate): A B C at each rate, then B C A, C A B, so that nobody always follows the same one."""
    for number in range(rounds):
        first = number % len(names)
        for rate in rates:
            for name in [*names[first:], *names[:first]]:
                yield number, name, rate
