"""What the commands of the benchmark take on their command lines."""

import argparse
from collections.abc import Callable


def some_of(known: list[str]) -> Callable[[str], list[str]]:
    """Takes a comma-separated list of some of `known`, or `none`."""

    def parse(text: str) -> list[str]:
        chosen = [] if text == "none" else text.split(",")
        if unknown := set(chosen) - set(known):
            raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}")
        return chosen

    return parse


def rates(text: str) -> list[float]:
    """Takes a comma-separated list of messages a second."""
    return [float(rate) for rate in text.split(",")]
