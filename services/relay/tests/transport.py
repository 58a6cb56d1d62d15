"""A transport in memory: what is written is kept, and the peer reads as much as a test says."""

import asyncio
from typing import Any

from services.relay.transport.framing import CLOSE, PING, TEXT


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

    def frames(self) -> list[tuple[int, bytes]]:
        """(opcode, payload) of every whole frame that the peer has taken."""
        found, data = [], bytes(self.taken)
        while len(data) >= 2:
            opcode, length, start = data[0] & 0x0F, data[1], 2
            if length == 126:
                length, start = int.from_bytes(data[2:4]), 4
            elif length == 127:
                length, start = int.from_bytes(data[2:10]), 10
            if len(data) < start + length:
                break
            found.append((opcode, data[start : start + length]))
            data = data[start + length :]
        return found

    def texts(self) -> list[bytes]:
        return [payload for opcode, payload in self.frames() if opcode == TEXT]

    def pings(self) -> int:
        return sum(opcode == PING for opcode, _ in self.frames())

    def close_codes(self) -> list[int]:
        return [int.from_bytes(payload[:2]) for opcode, payload in self.frames() if opcode == CLOSE]


def masked(payload: bytes, opcode: int = TEXT, *, final: bool = True, mask: bytes = b"mask") -> bytes:
    """A frame as a client sends it."""
    length = len(payload)
    if length < 126:
        size = bytes([0x80 | length])
    elif length < 65_536:
        size = bytes([0x80 | 126]) + length.to_bytes(2)
    else:
        size = bytes([0x80 | 127]) + length.to_bytes(8)
    covered = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    return bytes([(0x80 if final else 0) | opcode]) + size + mask + covered
