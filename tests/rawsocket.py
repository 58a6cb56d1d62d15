"""HTTP and websocket written by hand, so that tests can write them wrongly too."""

import asyncio
import base64
import contextlib
import os
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0
_ANSWER_WITHIN_S = 10.0


@dataclass(frozen=True)
class Frame:
    """A websocket frame as it came."""

    opcode: int
    payload: bytes
    final: bool = True

    @property
    def code(self) -> int:
        """The close code; 1005 when there is none."""
        return int(struct.unpack(">H", self.payload[:2])[0]) if len(self.payload) >= 2 else 1005


def frame(
    payload: bytes, opcode: int = TEXT, *, final: bool = True, reserved: int = 0, masked: bool = True
) -> bytes:
    """One frame. reserved: the three RSV bits (0-7). masked=False: as no client may send it."""
    head = bytearray([(0x80 if final else 0) | reserved << 4 | opcode])
    size = len(payload)
    flag = 0x80 if masked else 0
    if size < 126:
        head.append(flag | size)
    elif size < 1 << 16:
        head += bytes([flag | 126]) + struct.pack(">H", size)
    else:
        head += bytes([flag | 127]) + struct.pack(">Q", size)
    if not masked:
        return bytes(head) + payload
    mask = os.urandom(4)
    repeated = mask * (size // 4 + 1)
    hidden = int.from_bytes(payload) ^ int.from_bytes(repeated[:size]) if size else 0
    return bytes(head) + mask + hidden.to_bytes(size)


def closing(code: int | None = 1000, reason: bytes = b"") -> bytes:
    """A close frame; without a code an empty one."""
    return frame(b"" if code is None else struct.pack(">H", code) + reason, CLOSE)


class RawSocket:
    """A TCP connection. After `upgrade` it speaks websocket frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    async def head(self, within_s: float = _ANSWER_WITHIN_S) -> tuple[int, dict[str, str]]:
        """Status and headers (lower case) of the next answer. (0, {}) when the connection ended first."""
        async with asyncio.timeout(within_s):
            try:
                text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            except (asyncio.IncompleteReadError, ConnectionError):
                return 0, {}
        line, *rest = text.rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (item.partition(":") for item in rest)}
        return int(line.split(" ")[1]), headers

    async def answer(self, within_s: float = _ANSWER_WITHIN_S) -> tuple[int, dict[str, str], bytes]:
        """As `head`, with a body of the length that is told."""
        status, headers = await self.head(within_s)
        body = await self.reader.readexactly(int(headers.get("content-length", 0))) if status else b""
        return status, headers, body

    async def upgrade(self, path: str, host: str, *headers: str) -> int:
        """The status of a handshake with these further header lines."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", *headers, "", "",
        ]  # fmt: skip
        await self.send("\r\n".join(lines).encode("latin-1"))
        return (await self.head())[0]

    async def frame(self, within_s: float = _ANSWER_WITHIN_S) -> Frame | None:
        """The next frame; None when the connection ended."""
        try:
            async with asyncio.timeout(within_s):
                first, second = await self.reader.readexactly(2)
                size = second & 0x7F
                if size == 126:
                    (size,) = struct.unpack(">H", await self.reader.readexactly(2))
                elif size == 127:
                    (size,) = struct.unpack(">Q", await self.reader.readexactly(8))
                payload = await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return Frame(first & 0x0F, payload, bool(first & 0x80))

    async def close_code(self, within_s: float = _ANSWER_WITHIN_S) -> int:
        """Reads to the end; the code of the close frame, 1006 when the connection just ended."""
        async with asyncio.timeout(within_s):
            while (found := await self.frame(within_s)) is not None:
                if found.opcode == CLOSE:
                    return found.code
        return 1006

    async def ended(self, within_s: float = _ANSWER_WITHIN_S) -> bool:
        """Whether the other side closes the connection in time; what still comes is thrown away."""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(within_s):
                while await self.reader.read(65_536):
                    pass
                return True
        return self.reader.at_eof() or self.reader.exception() is not None

    def abort(self) -> None:
        self.writer.transport.abort()


@contextlib.asynccontextmanager
async def raw_socket(port: int, host: str = "127.0.0.1") -> AsyncIterator[RawSocket]:
    """Connects, and is gone without a word at the end."""
    opened = RawSocket(*await asyncio.open_connection(host, port))
    try:
        yield opened
    finally:
        opened.abort()
