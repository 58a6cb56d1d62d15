"""CPU seconds and memory of process trees, from /proc."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(roots: Iterable[int]) -> list[int]:
    """These processes and all that descend from them."""
    pids: dict[int, None] = {}
    for root in roots:
        try:
            pids.update(
                dict.fromkeys([root, *(child.pid for child in psutil.Process(root).children(recursive=True))])
            )
        except psutil.NoSuchProcess:
            continue
    return list(pids)


def trees(roots: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    """The processes of each program; one that another program has started belongs to itself alone."""
    whole = {name: set(tree(pids)) for name, pids in roots.items()}
    return {
        name: sorted(pids - set().union(*(other for other in whole.values() if other < pids)))
        for name, pids in whole.items()
    }


def cpu_seconds(roots: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """User and system time so far by program, children that have ended included."""
    return {name: sum(map(_cpu, pids)) for name, pids in trees(roots).items()}


def pss_bytes(roots: Mapping[str, Iterable[int]]) -> dict[str, int]:
    """Proportional set size by program."""
    return {name: sum(map(_pss, pids)) for name, pids in trees(roots).items()}


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / _TICKS  # utime stime cutime cstime


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
