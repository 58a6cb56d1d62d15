"""What of a wait is the machine's, which others use beside Duet and its tests."""

import asyncio
import contextlib
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import psutil

_LOOK_EVERY_S = 0.1


_Look = list[float]
"""When it was (monotonic), and seconds since the beginning: what all processors did, what of it was for Duet and this
process, and for each process on the way how long it had something to do and no processor."""


class Beside:
    """Knows how long the processes on a message's way waited for a processor that strangers had.

    Linux counts it for each process; elsewhere it is nothing. What they work, or wait for a lock or a disk, is no part
    of it, nor what one part of Duet takes from another.
    """

    def __init__(self, way: Sequence[int], supervisor: int) -> None:
        self._way = way
        self._supervisor = psutil.Process(supervisor)
        self._looks: list[_Look] = []

    async def look(self) -> None:
        """Until it is cancelled."""
        while True:
            self._looks.append(self._look())
            await asyncio.sleep(_LOOK_EVERY_S)

    def taken(self, begin: float, end: float) -> float:
        """Seconds between the two (monotonic) that strangers took: of the process that waited longest, as a message is
        in one place at a time; and the part of it that strangers have of all that the processors did."""
        self._looks.append(self._look())
        _, busy, ours, *queued = (
            last - first for first, last in zip(self._at(begin), self._at(end), strict=True)
        )
        return max(queued) * min(1.0, max(0.0, 1 - ours / busy)) if busy else 0.0

    def _at(self, moment: float) -> _Look:
        """Between the looks before and after it."""
        place = min(max(1, bisect_left(self._looks, [moment])), len(self._looks) - 1)
        before, after = self._looks[place - 1], self._looks[place]
        part = (moment - before[0]) / (after[0] - before[0])
        return [first + part * (last - first) for first, last in zip(before, after, strict=True)]

    def _look(self) -> _Look:
        times = psutil.cpu_times()._asdict()
        idle = ("idle", "iowait", "guest", "guest_nice")  # a guest's is a user's, too
        busy = sum(spent for kind, spent in times.items() if kind not in idle)
        return [time.monotonic(), busy, sum(map(_worked, self._processes())), *map(_queued, self._way)]

    def _processes(self) -> list[psutil.Process]:
        return [psutil.Process(), self._supervisor, *self._supervisor.children(recursive=True)]


def _queued(pid: int) -> float:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0


def _worked(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        user, system, *_ = process.cpu_times()
        return float(user + system)
    return 0.0


@contextlib.asynccontextmanager
async def looking(way: Sequence[int], supervisor: int) -> AsyncIterator[Beside]:
    """Looks within the block. way: processes."""
    beside = Beside(way, supervisor)
    task = asyncio.create_task(beside.look())
    try:
        yield beside
    finally:
        task.cancel()
        await asyncio.wait((task,))
