"""Many pairs that write at a steady rate until they are told to stop."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from shared.testing.people import Person, fresh_name
from tests.chaos.device import Device
from tests.chaos.pair import Pair

_SIGN_UPS_AT_ONCE = 4
_POLL_S = 0.02
_BURST_EVERY = 20
_BURST = 8
_CHANGE_EVERY = 3
"""Of what is written, so much is a change of a message, or an answer to one."""


class Crowd:
    """rate: messages a second of all pairs together."""

    def __init__(self, pairs: list[Pair], rate: float) -> None:
        self.pairs = pairs
        self.rate = rate
        self._writing: list[asyncio.Task[None]] = []

    @property
    def devices(self) -> list[Device]:
        return [device for pair in self.pairs for device in pair.devices]

    @property
    def acknowledged(self) -> int:
        """How many messages their senders know to be stored."""
        return sum(bool(m.acknowledged_at) for pair in self.pairs for m in pair.messages.values())

    async def connect(self, within_s: float = 60.0) -> None:
        """Returns when every device has its welcome."""
        for device in self.devices:
            device.start()
        async with asyncio.timeout(within_s):
            for device in self.devices:
                await device.live.wait()

    def start_writing(self) -> None:
        """Each writer at its share of the rate, with a burst now and then."""
        pause_s = 2 * len(self.pairs) / self.rate
        for pair in self.pairs:
            for writer in pair.writers:
                self._writing.append(asyncio.create_task(self._write(pair, writer, pause_s)))

    async def stop_writing(self) -> None:
        for task in self._writing:
            task.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)
        self._writing.clear()

    def nudge(self) -> None:
        """One message of everybody now, so that what follows a fault is seen at once."""
        for pair in self.pairs:
            for writer in pair.writers:
                pair.write(writer)

    async def delivers_again(self, since: float, within_s: float) -> bool:
        """Waits until each pair has had a message delivered that was submitted after `since`."""
        return await until(lambda: all(p.first_delivery_after(since) for p in self.pairs), within_s)

    async def settle(self, within_s: float) -> bool:
        """Waits until nothing is unacknowledged and all devices of each pair have applied the same last seq."""
        return await until(lambda: all(map(_is_settled, self.pairs)), within_s)

    async def close(self) -> None:
        await self.stop_writing()
        await asyncio.gather(*(device.stop() for device in self.devices))  # raises what has ended one
        for pair in self.pairs:
            for person in pair.people:
                await person.close()

    @staticmethod
    async def _write(pair: Pair, writer: Device, pause_s: float) -> None:
        while True:
            await asyncio.sleep(random.expovariate(1 / pause_s))
            burst = random.randrange(_BURST_EVERY) == 0
            for _ in range(_BURST if burst else 1):
                if random.randrange(_CHANGE_EVERY) or pair.change(writer) is None:
                    pair.write(writer, filler="~" * random.randrange(200))
            if burst:
                await asyncio.sleep((_BURST - 1) * pause_s)


def _is_settled(pair: Pair) -> bool:
    alive = [device for device in pair.devices if not device.ended]
    if any(d.outbox.waiting for d in alive):
        return False
    logs = {d.log_id for d in alive}
    acknowledged = max((m.seq for m in pair.messages.values() if {m.log} == logs), default=0)
    return len(logs) <= 1 and all(d.log.cursor >= acknowledged for d in alive)


async def until(condition: object, within_s: float) -> bool:
    """Whether `condition()` became true in time."""
    assert callable(condition)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(_POLL_S)
            return True
    return False


@contextlib.asynccontextmanager
async def crowd(
    base_url: str, pairs: int, rate: float, *, second_devices: bool = True
) -> AsyncIterator[Crowd]:
    """Pairs of new people, connected and silent."""
    gate = asyncio.Semaphore(_SIGN_UPS_AT_ONCE)

    async def sign_up(stem: str) -> Person:
        async with gate:
            return await Person(base_url, fresh_name(stem)).sign_up()

    people = await asyncio.gather(*(sign_up(stem) for _ in range(pairs) for stem in ("ann", "bob")))
    made = Crowd(
        [Pair(one, two, second_devices) for one, two in zip(people[::2], people[1::2], strict=True)],
        rate,
    )
    try:
        await made.connect()
        yield made
    finally:
        await made.close()
