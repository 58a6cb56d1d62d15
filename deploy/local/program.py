"""What the supervisor must know of one program, server or ours."""

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.local.probes import Probe


def nothing() -> None:
    """The default for what most programs need not do."""


@dataclass(frozen=True)
class Program:
    name: str
    """Names the pid file and the log."""
    command: Sequence[str]
    """What runs it. Empty if it is one of ours."""
    ready: Probe
    module: str = ""
    """What runs it if it is one of ours: in a fork of the fork server, where there is one."""
    prepare: Callable[[], None] = nothing
    """Runs before each start, in a thread: it may block."""
    once_ready: Callable[[], None] = nothing
    """Runs after the first start, in a thread: it may block."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """For create_subprocess_exec: env, cwd, user."""
    ready_within_s: float = 90.0
    """At its first start; longer ends the run."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 10.0
    """Killed if it takes longer."""
    watched: Sequence[str] = ()
    """Paths in the repository; a change there restarts it under `make dev`."""

    @property
    def arguments(self) -> Sequence[str]:
        """Of a process of its own."""
        return [sys.executable, "-m", self.module] if self.module else self.command


Stage = Sequence[Program]
"""Programs that start side by side. Stages start one after another and stop in the opposite order."""
