"""Lets what is measured go before what else the machine does, where the system allows it (Linux, root).

Linux shares the processors among sessions first and only within one by `nice`. Duet's programs and the servers have a
session each: on a busy machine a peer that shared one with the generator would get a fraction of what Duet gets.
"""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from bench.measure.processes import tree

_NICE = "-20"


def precede(roots: Iterable[int]) -> None:
    """These processes' sessions and those of all that descend from them."""
    for pid in tree(roots):
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(_NICE)
