"""Lets what is measured go before all else that the machine does (Linux, as root): as if it had the machine alone.

With a load average of 20 on two cores the p50 of Duet beside node's at 1,000/s was 0.4 to 0.9 of it without, by how the
kernel shared the rest out among the sessions, and 1.73 with it (1.68-1.76 over three rounds), as on the quiet machine.
Among themselves they then take turns, and when they have starved the rest for long the kernel takes 50 ms a second off
them: a p99 says little, and on a quiet machine one does without.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure.processes import tree


@contextmanager
def alone() -> Iterator[None]:
    """Waits until no other measurement that is as urgent runs on this machine: they would measure each other."""
    with (Path(tempfile.gettempdir()) / "duet-bench.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def hurry(roots: Iterable[int]) -> None:
    """These processes and all that descend from them, from now on; nothing where the system does not allow it."""
    for pid in tree(roots):
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(1))
