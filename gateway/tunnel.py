"""The websocket tunnel: once the upgrade is checked, bytes go between browser and relay without being parsed.

The two transports get protocols that write to each other, so a socket costs no task, no stream and no websocket
object.
"""

import asyncio
import contextlib
import random

from prometheus_client import Counter, Gauge

DRAIN_S = 5.0
_DRAIN_SLACK_S = 0.5
_FLUSH_S = 5.0
_WRITE_LIMIT_BYTES = 64 * 1024
_OPEN = Gauge("duet_tunnels_open", "Websockets that go through this gateway now")
_OPENED = Counter("duet_tunnels_opened", "Websockets that were ever opened through this gateway")


class End(asyncio.Protocol):
    """One end of a tunnel: whatever comes in here goes out at the other end."""

    __slots__ = ("other", "transport", "tunnels")

    def __init__(self, tunnels: "Tunnels") -> None:
        self.tunnels = tunnels
        self.transport: asyncio.Transport
        self.other: End | None = None

    def data_received(self, data: bytes) -> None:
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.write(data)

    def pause_writing(self) -> None:
        """This end can take no more for now, so stop reading from the other."""
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        other, self.other = self.other, None
        if other is None:
            return
        other.other = None
        self.tunnels.forget(self, other)
        other.transport.close()  # after what is still to be written, but not forever
        asyncio.get_running_loop().call_later(_FLUSH_S, other.transport.abort)


class BrowserEnd(End):
    """The end that may close its writing half and still wait for an answer. (A relay that does so is gone.)"""

    __slots__ = ()

    def join(self, browser: asyncio.Transport, relay: asyncio.Transport) -> None:
        """Makes the two write to each other. browser: has this protocol already; relay: gets the other end."""
        self.transport, self.other = browser, End(self.tunnels)
        self.other.transport, self.other.other = relay, self
        relay.set_protocol(self.other)
        for transport in (browser, relay):
            transport.set_write_buffer_limits(high=_WRITE_LIMIT_BYTES)
        self.tunnels.add(self)

    def eof_received(self) -> bool:
        if self.other is not None and self.other.transport.can_write_eof():
            self.other.transport.write_eof()
        return True


class Tunnels:
    """All open tunnels. draining: no new ones are taken."""

    def __init__(self) -> None:
        self._browser_ends: set[End] = set()
        self._none_left = asyncio.Event()
        self.draining = False

    def add(self, end: BrowserEnd) -> None:
        """A tunnel is open."""
        self._browser_ends.add(end)
        self._none_left.clear()
        _OPEN.inc()
        _OPENED.inc()

    def forget(self, *ends: End) -> None:
        """A tunnel ended."""
        self._browser_ends.difference_update(ends)
        _OPEN.dec()
        if not self._browser_ends:
            self._none_left.set()

    def __len__(self) -> int:
        return len(self._browser_ends)

    async def drain(self) -> None:
        """Closes all tunnels, spread over 5 s, so that the browsers do not all come back at once."""
        self.draining = True
        loop, ends = asyncio.get_running_loop(), list(self._browser_ends)
        random.shuffle(ends)
        for number, end in enumerate(ends):
            loop.call_later(DRAIN_S * number / len(ends), end.transport.close)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S + _DRAIN_SLACK_S):
                if self._browser_ends:
                    await self._none_left.wait()
        for end in list(self._browser_ends):  # whoever reads nothing
            end.transport.abort()
