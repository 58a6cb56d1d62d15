"""What the person at the terminal reads."""

import contextlib
import sys
import time


def say(text: str, *, clock: bool = False) -> None:
    """Prints at once; a closed terminal is no reason to stop. clock: whether the time of day goes before it."""
    with contextlib.suppress(OSError, ValueError):
        print(f"{time.strftime('%H:%M:%S')} {text}" if clock else text, flush=True)


def complain(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)
