"""All generator processes together, as the measurements use them."""

import itertools
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import add
from typing import Any

from bench.load import worker
from bench.load.crowd import CONNECT_AT_ONCE, Connected
from bench.load.ledger import Tally
from bench.load.sockets import Seat

PROCESSES = 2
DRAIN_S = 10.0
_HEAD_START_S = 0.3
_runs = itertools.count(1)


class LoadError(Exception):
    """A generator process could not do what it was told."""


class Fleet:
    """Pairs are dealt to the processes whole; every command runs in all of them at once."""

    def __init__(self, dialect: str, processes: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes = []
        self._processes = []
        for number in range(processes):
            ours, theirs = context.Pipe()
            run = (os.getpid() << 10 | next(_runs) << 4 | number) & 0xFFFFFFFF
            process = context.Process(target=worker.main, args=(theirs, dialect, run), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def connect(self, seats: Sequence[Seat], at_once: int = CONNECT_AT_ONCE) -> Connected:
        """Seats on top of those that are connected. at_once: in each process."""
        count = len(self._pipes)
        shares = [[seat for seat in seats if seat.flow // 2 % count == number] for number in range(count)]
        done: list[Connected] = self._tell("connect", [(share, at_once) for share in shares])
        return Connected(
            sum(one.ready for one in done),
            [failure for one in done for failure in one.failures],
            max(one.seconds for one in done),
        )

    def close(self) -> None:
        """Closes all sockets; the processes stay."""
        self._tell("close", [()] * len(self._pipes))

    def greet(self, within_s: float = DRAIN_S) -> Tally:
        return self._sum("greet", [(within_s,)] * len(self._pipes))

    def open_loop(self, rate: float, seconds: float, drain_s: float = DRAIN_S, seed: int = 1) -> Tally:
        """`rate` messages a second over all pairs for `seconds`; then waits for what is under way."""
        count = len(self._pipes)
        start_at = time.monotonic() + _HEAD_START_S
        return self._sum(
            "open_loop", [(rate / count, seconds, start_at, seed * 1000 + i, drain_s) for i in range(count)]
        )

    def in_flight(self, depth: int, seconds: float, drain_s: float = DRAIN_S) -> Tally:
        return self._sum(
            "in_flight", [(depth, seconds, time.monotonic() + _HEAD_START_S, drain_s)] * len(self._pipes)
        )

    def stop(self) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join(10)
            if process.is_alive():
                process.kill()

    def _sum(self, name: str, arguments: Sequence[tuple[Any, ...]]) -> Tally:
        tallies: list[Tally] = self._tell(name, arguments)
        return reduce(add, tallies)

    def _tell(self, name: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        for pipe, some in zip(self._pipes, arguments, strict=True):
            pipe.send((name, some))
        answers = [pipe.recv() for pipe in self._pipes]
        if failures := [text for good, text in answers if not good]:
            raise LoadError("; ".join(failures))
        return [answer for _, answer in answers]


@contextmanager
def running_fleet(dialect: str, processes: int = PROCESSES) -> Iterator[Fleet]:
    fleet = Fleet(dialect, processes)
    try:
        yield fleet
    finally:
        fleet.stop()
