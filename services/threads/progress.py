"""How far a mover is, for who waits for it."""

import time
from collections.abc import Callable

_EVERY_S = 2.0


class Progress:
    """say: writes a line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self._what = ""
        self._started = self._said = 0.0
        self._threads = self._events = self._of_threads = self._of_events = 0

    def about(self, what: str) -> None:
        """What is moved."""
        self._what = what

    def begin(self, threads: int, events: int) -> None:
        """So many are to be copied."""
        self._threads = self._events = 0
        self._of_threads, self._of_events = threads, events
        self._started = self._said = time.monotonic()

    def copied(self, threads: int, events: int, size: int) -> None:
        """So many more; size: of all, in bytes."""
        self._threads += threads
        self._events += events
        now = time.monotonic()
        if now - self._said < _EVERY_S or not self._events:
            return
        self._said = now
        pace = self._events / (now - self._started)
        left_s = max(0, self._of_events - self._events) / pace
        self.say(
            f"{self._what}: {self._threads:,} of {self._of_threads:,} threads, {self._events:,} events,"
            f" {size / 1e6:,.0f} MB, {pace:,.0f} events a second, {left_s:,.0f} s left"
        )
