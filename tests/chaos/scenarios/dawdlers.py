"""A thousand connections that never finish what they begin: half a head, half a body, no hello."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

from shared.testing.rawsocket import CLOSE, RawSocket, raw_socket
from shared.wire.frames import Close
from tests.chaos.comparison import compare
from tests.chaos.run import Run
from tests.chaos.scenario import scenario

_AT_ONCE = 1000
_ARRIVE_IN_S = 2.0
CLOSED_WITHIN_S = 5.0
_SLACK_S = 0.5
"""What a thousand timers on a busy machine add."""
_GIVES_UP_S = CLOSED_WITHIN_S + _SLACK_S
"""Less than the window lasts: one that waited longer would be cancelled at its end, and never be seen to be held."""
_MOST_MIB = 96.0
Dawdle = Callable[[RawSocket, str, str], Awaitable[bool]]
"""(socket, host, cookie) -> whether it was ended as the contract says. Begins with the first byte."""


async def drip_head(raw: RawSocket, host: str, _: str) -> bool:
    """A byte of a head each second."""
    return await _drip(raw, f"GET /login HTTP/1.1\r\nHost: {host}\r\nX-Slow: ".encode()) == 408


async def drip_body(raw: RawSocket, host: str, _: str) -> bool:
    """A whole head at once, then a byte of the body each second."""
    head = f"POST /api/session HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    await raw.send(f"{head}Content-Length: 100\r\n\r\n".encode())
    return await _drip(raw, b"") == 408


async def say_nothing(raw: RawSocket, host: str, cookie: str) -> bool:
    """An upgrade, then no hello."""
    if await raw.upgrade("/messages", host, f"Cookie: {cookie}") != 101:
        return False
    found = await raw.frame(_GIVES_UP_S)
    return found is not None and (found.opcode, found.code) == (CLOSE, Close.NO_HELLO)


async def _drip(raw: RawSocket, first: bytes) -> int:
    """The status that ends it."""
    answer = asyncio.create_task(raw.head(_GIVES_UP_S))
    with contextlib.suppress(ConnectionError):
        await raw.send(first)
        while not answer.done():
            await raw.send(b"x")
            await asyncio.wait([answer], timeout=1.0)
    return (await answer)[0]


_KINDS: tuple[Dawdle, ...] = (drip_head, drip_body, say_nothing)


class Dawdlers:
    """ended: of each kind, seconds from the first byte to the end, if that was as it must be. wrong: the others."""

    def __init__(self, run: Run) -> None:
        parts = urlsplit(run.instance.public_url)
        assert parts.port is not None
        self._port, self._host = parts.port, parts.netloc
        self._cookies = [pair.people[0].cookie for pair in run.crowd.pairs]
        self.ended: dict[Dawdle, list[float]] = {kind: [] for kind in _KINDS}
        self.wrong = 0

    async def one(self, number: int) -> None:
        await asyncio.sleep(_ARRIVE_IN_S * number / _AT_ONCE)
        dawdle = _KINDS[number % len(_KINDS)]
        async with raw_socket(self._port) as raw:
            began = time.monotonic()
            try:
                right = await dawdle(raw, self._host, self._cookies[number % len(self._cookies)])
            except (OSError, TimeoutError):
                right = False
            if right:
                self.ended[dawdle].append(time.monotonic() - began)
            else:
                self.wrong += 1

    async def come_again(self, number: int) -> None:
        """As soon as one is thrown out, it is back."""
        while True:
            await self.one(number)

    @contextlib.asynccontextmanager
    async def crowding(self) -> AsyncIterator[None]:
        """A thousand of them at any time within the block."""
        dawdling = [asyncio.create_task(self.come_again(number)) for number in range(_AT_ONCE)]
        yield
        for task in dawdling:
            task.cancel()
        await asyncio.gather(*dawdling, return_exceptions=True)


@scenario("dawdlers")
async def dawdlers(run: Run) -> None:
    """1,000 dripped heads, bodies and sockets without a hello: each closed in 5 s, others wait 1.5 times at most."""
    crowd = Dawdlers(run)
    run.memory.mark()
    await compare(run, max(run.seconds_wanted, 10.0), crowd.crowding(), "1,000 dawdlers")
    program, growth = run.memory.most_grown()
    ended = list(crowd.ended.values())
    assert all(ended), "a kind of dawdler was never ended"
    run.measure("slowest end of a dawdler", max(map(max, ended)), CLOSED_WITHIN_S + _SLACK_S)
    run.measure("ended otherwise than they must", crowd.wrong, 0, f"of {sum(map(len, ended))}")
    run.measure(f"most growth, of {program}", growth, _MOST_MIB, "MiB")
