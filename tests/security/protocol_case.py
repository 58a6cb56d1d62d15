"""What a websocket protocol case is made of."""

from dataclasses import dataclass

from shared.testing.rawsocket import CONTINUATION, TEXT, frame

JSON_PONG, JSON_ERROR = "pong", "error"
LIMIT = 64 * 1024


@dataclass(frozen=True)
class Control:
    """A pong control frame with this payload."""

    payload: bytes


Expected = str | Control | int
"""A text frame of that type, a pong, or the close code that ends it all."""


@dataclass(frozen=True)
class Case:
    """sends: chunks, each a write of its own. expects: in order; without a close code the socket stays open."""

    id: str
    sends: tuple[bytes, ...]
    expects: tuple[Expected, ...]


def padded(size: int) -> bytes:
    """A `ping` frame of exactly that many bytes (at least 15; else as it is)."""
    return b'{"type":"ping"' + b" " * max(0, size - 15) + b"}"


def typed(text: bytes) -> bytes:
    """A frame of an unknown type."""
    return b'{"type":"' + text + b'"}'


def fragments(payload: bytes, size: int, opcode: int = TEXT) -> list[bytes]:
    """One message in frames of `size` bytes."""
    parts = [payload[start : start + size] for start in range(0, len(payload), size)] or [b""]
    last = len(parts) - 1
    return [
        frame(part, CONTINUATION if number else opcode, final=number == last)
        for number, part in enumerate(parts)
    ]


def octets(*frames: bytes) -> tuple[bytes, ...]:
    """Every byte in a write of its own."""
    return tuple(bytes([byte]) for one in frames for byte in one)


def chopped(content: bytes, size: int) -> tuple[bytes, ...]:
    return tuple(content[start : start + size] for start in range(0, len(content), size))
