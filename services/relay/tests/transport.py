"""A transport in memory: what is written is kept, and the peer reads as much as a test says."""

import asyncio
from typing import Any

from shared.testing.rawsocket import CLOSE, PING, TEXT, Frame, frames_in


class MemoryTransport(asyncio.Transport):
    """open_for: bytes that the peer still takes; what is above stays in the buffer, as with a real transport."""

    def __init__(self, protocol: Any, *, open_for: int = 1 << 60) -> None:
        super().__init__()
        self.protocol = protocol
        self.taken = bytearray()
        self.buffered = bytearray()
        self.open_for = open_for
        self.reading = True
        self.aborted = False
        self.closing = False
        self._high = 64 * 1024
        self._paused = False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = high or self._high

    def write(self, data: Any) -> None:
        self.buffered += data
        self._flush()
        if len(self.buffered) > self._high and not self._paused:
            self._paused = True
            self.protocol.pause_writing()

    def let_through(self, count: int = 1 << 60) -> None:
        """The peer takes `count` more bytes."""
        self.open_for = min(1 << 60, self.open_for + count)
        self._flush()
        if self._paused and len(self.buffered) <= self._high // 4:
            self._paused = False
            self.protocol.resume_writing()

    def _flush(self) -> None:
        now = self.buffered[: self.open_for]
        self.taken += now
        del self.buffered[: len(now)]
        self.open_for -= len(now)

    def get_write_buffer_size(self) -> int:
        return len(self.buffered)

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.aborted = self.closing = True

    def frames(self) -> list[Frame]:
        """Every whole frame that the peer has taken."""
        return frames_in(bytes(self.taken))[0]

    def texts(self) -> list[bytes]:
        return [frame.payload for frame in self.frames() if frame.opcode == TEXT]

    def pings(self) -> int:
        return sum(frame.opcode == PING for frame in self.frames())

    def close_codes(self) -> list[int]:
        return [frame.code for frame in self.frames() if frame.opcode == CLOSE]
