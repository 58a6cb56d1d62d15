"""RFC 6455 for the server's side, without I/O: bytes in, messages out. No extensions.

aiohttp's own reader takes unmasked frames (against section 5.1) and needs a task and a future a socket.
"""

import struct

from shared.wire.frames import MAX_FRAME_BYTES, Close

CONTINUATION, TEXT, BINARY = 0x0, 0x1, 0x2
CLOSE, PING, PONG = 0x8, 0x9, 0xA
PROTOCOL_ERROR = 1002
NORMAL, NO_CODE = 1000, 1005

_MAX_CONTROL_BYTES = 125
_FIN, _RESERVED, _MASKED = 0x80, 0x70, 0x80
_WHOLE_TEXT = _FIN | TEXT
_KNOWN_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})


_EMPTY_CLOSE = bytes((_FIN | CLOSE, _MASKED))
_CLOSE_WITH_CODE = bytes((_FIN | CLOSE, _MASKED | 2))


class ProtocolError(Exception):
    """The socket must be closed with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Parser:
    """feed() what arrived, then take message after message with next_message(). buffer: what is not taken so far."""

    __slots__ = ("_message", "buffer")

    def __init__(self) -> None:
        self.buffer = bytearray()
        self._message: bytearray | None = None
        """The fragments so far of a text message that is under way."""

    def feed(self, data: bytes) -> None:
        self.buffer += data

    def next_message(self) -> tuple[int, bytes] | None:
        """(opcode, payload) of a whole text message or control frame, or None until more arrives.

        A fragment with more to come is (CONTINUATION, b""), so that whoever counts frames counts it too.
        Raises ProtocolError; after that the parser is of no use.
        """
        frame = self._next_frame()
        if frame is None:
            return None
        final, opcode, payload = frame
        if opcode >= CLOSE or (final and self._message is None):
            return opcode, payload
        if self._message is None:
            self._message = bytearray()
        self._message += payload
        if not final:
            return CONTINUATION, b""
        whole, self._message = bytes(self._message), None
        return TEXT, whole

    def _next_frame(self) -> tuple[bool, int, bytes] | None:
        buffer = self.buffer
        available = len(buffer)
        if available < 2:
            return None
        first, second = buffer[0], buffer[1]
        opcode = first & 0x0F
        length = second & 0x7F
        if first != _WHOLE_TEXT or not second & _MASKED or self._message is not None:
            self._check_header(first, second, opcode, length)
        start = 6
        if length == 126:
            if available < 4:
                return None
            length = int.from_bytes(buffer[2:4])
            start = 8
            if length < 126:
                raise ProtocolError(PROTOCOL_ERROR, "a length in more bytes than it needs")
        elif length == 127:
            if available < 10:
                return None
            length = int.from_bytes(buffer[2:10])
            start = 14
            if length < 65_536 or length >> 63:
                raise ProtocolError(PROTOCOL_ERROR, "a length in a wrong form")
        before = len(self._message) if self._message is not None and opcode == CONTINUATION else 0
        if before + length > MAX_FRAME_BYTES:
            raise ProtocolError(Close.TOO_BIG, f"more than {MAX_FRAME_BYTES} bytes")
        end = start + length
        if available < end:
            return None
        payload = _unmask(buffer[start - 4 : start], buffer[start:end])
        del buffer[:end]
        return bool(first & _FIN), opcode, payload

    def _check_header(self, first: int, second: int, opcode: int, length: int) -> None:
        if first & _RESERVED:
            raise ProtocolError(PROTOCOL_ERROR, "reserved bits are set")
        if not second & _MASKED:
            raise ProtocolError(PROTOCOL_ERROR, "the frame is not masked")
        if opcode >= CLOSE:
            if opcode > PONG:
                raise ProtocolError(PROTOCOL_ERROR, "an unknown opcode")
            if length > _MAX_CONTROL_BYTES or not first & _FIN:
                raise ProtocolError(PROTOCOL_ERROR, "a control frame that is long or in fragments")
        elif opcode > BINARY:
            raise ProtocolError(PROTOCOL_ERROR, "an unknown opcode")
        elif (opcode == CONTINUATION) == (self._message is None):
            raise ProtocolError(PROTOCOL_ERROR, "a fragment out of place")
        elif opcode == BINARY:
            raise ProtocolError(Close.UNSUPPORTED, "binary frames are not taken")


def _unmask(mask: bytearray, masked: bytearray) -> bytes:
    """Section 5.3, as one exclusive-or of two long numbers."""
    length = len(masked)
    key = int.from_bytes((mask * (length // 4 + 1))[:length], "little")
    return (int.from_bytes(masked, "little") ^ key).to_bytes(length, "little")


def text_frame(payload: bytes) -> bytes:
    """A text frame as a server sends it."""
    return _header(TEXT, len(payload)) + payload


def payload_of(frame: bytes) -> bytes:
    """The text in a frame made by `text_frame`."""
    length = frame[1]
    return frame[2 if length < 126 else 4 if length == 126 else 10 :]


def control_frame(opcode: int, payload: bytes = b"") -> bytes:
    """A ping, pong or close; payload: at most 125 bytes."""
    return _header(opcode, len(payload)) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    return control_frame(CLOSE, struct.pack("!H", code) + reason.encode()[:120])


def close_code(payload: bytes) -> int:
    """The code in a close frame (1005: none is given). Raises ProtocolError for one that must not be sent."""
    if not payload:
        return NO_CODE
    code = int.from_bytes(payload[:2])
    if len(payload) == 1 or not (code in _KNOWN_CODES or 3000 <= code < 5000):
        raise ProtocolError(PROTOCOL_ERROR, "a close code that must not be sent")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise ProtocolError(Close.INVALID_DATA, "a close reason that is not UTF-8") from None
    return code


def ends_with_close(data: bytes) -> bool:
    """Whether a peer's last bytes look like a close frame, where frames are not understood any more."""
    empty, with_code = data[-6:-4], data[-8:-6]
    return empty == _EMPTY_CLOSE or with_code == _CLOSE_WITH_CODE


def _header(opcode: int, length: int) -> bytes:
    if length < 126:
        return bytes((_FIN | opcode, length))
    if length < 65_536:
        return struct.pack("!BBH", _FIN | opcode, 126, length)
    return struct.pack("!BBQ", _FIN | opcode, 127, length)
