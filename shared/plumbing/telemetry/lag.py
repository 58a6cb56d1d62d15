"""How long ago something was last up to date: computed when somebody asks, so that what is stuck shows it."""

import time
from typing import ClassVar

from prometheus_client import Gauge


class Lag:
    """tolerable_s: more is said to be wrong by `/status`, and by the alert of deploy/monitoring."""

    known: ClassVar[list["Lag"]] = []

    def __init__(self, name: str, documentation: str, tolerable_s: float) -> None:
        self.name = name
        self.tolerable_s = tolerable_s
        self._at = time.monotonic()
        Gauge(name, documentation).set_function(self.seconds)
        self.known.append(self)

    def caught_up(self) -> None:
        """It is up to date just now."""
        self._at = time.monotonic()

    def seconds(self) -> float:
        """Since then, or since the program began."""
        return time.monotonic() - self._at
