"""The people of one generator process: their sockets and what they do in each phase."""

import asyncio
import gc
import itertools
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.load import mark
from bench.load.clock import Alarm
from bench.load.dialect import Dialect
from bench.load.ledger import Flow, Tally
from bench.load.sockets import PersonSocket, Seat

CONNECT_AT_ONCE = 32
_POLL_S = 0.02
_GREET_AT_ONCE, _GREET_PAUSE_S = 10, 0.1
"""A layer of Channels drops what is more than its capacity (100) for one process."""


@dataclass(frozen=True)
class Connected:
    """ready: how many; failures: of the others; seconds: until the last one was ready."""

    ready: int
    failures: list[str]
    seconds: float


class Crowd:
    def __init__(self, dialect: type[Dialect], run: int) -> None:
        self._dialect = dialect
        self._run = run
        self._sockets: dict[int, PersonSocket] = {}
        self._flows: dict[int, Flow] = {}
        self._tally = Tally()
        self._acknowledged: Callable[[int], None] = lambda flow: None

    async def connect(self, seats: list[Seat], at_once: int = CONNECT_AT_ONCE) -> Connected:
        """Connects so many at a time; on top of those that are connected."""
        started = time.monotonic()
        waiting = iter(seats)
        failures: list[str] = []
        await asyncio.gather(*(self._connect_each(waiting, failures) for _ in range(at_once)))
        return Connected(len(seats) - len(failures), failures, time.monotonic() - started)

    async def _connect_each(self, waiting: Iterator[Seat], failures: list[str]) -> None:
        for seat in waiting:
            socket = PersonSocket(seat, self._dialect(seat.username), self._take_by(seat.flow))
            try:
                await socket.connect()
            except Exception as error:  # whatever it is: this one did not get in, and that is counted
                failures.append(repr(error))
                socket.close()
                continue
            self._sockets[seat.flow] = socket
            self._flows.setdefault(seat.flow, Flow())

    async def close(self) -> None:
        """Closes every socket. The flows go on counting: a client_id is never used twice."""
        for socket in self._sockets.values():
            socket.close()
        self._sockets.clear()
        await asyncio.sleep(0)

    async def open_loop(
        self, rate: float, seconds: float, start_at: float, seed: int, drain_s: float
    ) -> Tally:
        """Messages at Poisson times from random people, `rate` a second, due whether or not others have come."""
        begun = self._begin()
        chance = random.Random(seed)
        people = list(self._sockets)
        due = start_at + chance.expovariate(rate)
        end = start_at + seconds
        over = asyncio.get_running_loop().create_future()

        def ring() -> None:
            nonlocal due
            now = time.monotonic()
            while due <= now and due < end:
                self._send(chance.choice(people), due, now)
                due += chance.expovariate(rate)
            if due < end:
                alarm.set(due)
            elif not over.done():
                over.set_result(None)

        alarm = Alarm(asyncio.get_running_loop(), ring)
        alarm.set(due)
        await over
        alarm.close()
        return await self._end(begun, drain_s)

    async def in_flight(self, depth: int, seconds: float, start_at: float, drain_s: float) -> Tally:
        """The first of each pair keeps `depth` messages under way: the next goes when one is acknowledged."""
        await asyncio.sleep(start_at - time.monotonic())
        begun = self._begin()
        end = start_at + seconds

        def again(flow: int) -> None:
            now = time.monotonic()
            if now < end:
                self._send(flow, now, now)

        self._acknowledged = again
        for flow, _ in itertools.product([flow for flow in self._sockets if not flow % 2], range(depth)):
            again(flow)
        await asyncio.sleep(end - time.monotonic())
        self._acknowledged = lambda flow: None
        return await self._end(begun, drain_s)

    async def greet(self, within_s: float) -> Tally:
        """One message from everybody to everybody's peer, so that caches and subscriptions are warm."""
        begun = self._begin()
        for number, flow in enumerate(self._sockets, start=1):
            now = time.monotonic()
            self._send(flow, now, now)
            if number % _GREET_AT_ONCE == 0:
                await asyncio.sleep(_GREET_PAUSE_S)
        return await self._end(begun, within_s)

    def _begin(self) -> float:
        gc.collect()
        gc.disable()
        self._tally = Tally(refused=-sum(socket.refused for socket in self._sockets.values()))
        for flow in self._flows.values():
            flow.begin()
        return time.process_time()

    async def _end(self, begun: float, drain_s: float) -> Tally:
        """Waits until everything has come, or nothing more within `drain_s`."""
        tally, self._tally.cpu_s = self._tally, time.process_time() - begun
        give_up, before = time.monotonic() + drain_s, -1
        while (missing := self._missing()) and time.monotonic() < give_up:
            if missing != before:
                give_up, before = time.monotonic() + drain_s, missing
            await asyncio.sleep(_POLL_S)
        gc.enable()
        for flow in self._flows.values():
            tally.count(flow)
        tally.closed = sum(not socket.is_open for socket in self._sockets.values())
        tally.refused += sum(socket.refused for socket in self._sockets.values())
        return tally

    def _missing(self) -> int:
        return sum(
            2 * len(flow.times) - flow.at_peer.count - flow.at_sender.count for flow in self._flows.values()
        )

    def _send(self, number: int, due: float, now: float) -> None:
        socket, flow = self._sockets[number], self._flows[number]
        message = flow.next_number
        flow.times.append(due)
        self._tally.late_ms.append((now - due) * 1000)
        socket.send(mark.client_id(self._run, number, message), mark.text(number, message))

    def _take_by(self, me: int) -> Callable[[int, int, float], None]:
        def take(number: int, message: int, now: float) -> None:
            flow = self._flows[number]
            index = message - flow.base
            if index < 0:
                return  # of an earlier phase
            mine = number == me
            if not (flow.at_sender if mine else flow.at_peer).take(message):
                return
            tally = self._tally
            (tally.acknowledgement_ms if mine else tally.delivery_ms).append((now - flow.times[index]) * 1000)
            if mine:
                self._acknowledged(number)

        return take
