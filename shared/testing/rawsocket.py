"""HTTP and websocket written by hand, so that tests can write them wrongly too."""

import asyncio
import base64
import contextlib
import os
import random
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec
from multidict import CIMultiDict

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0
_ANSWER_WITHIN_S = 10.0
# The same in every process: a frame may be a test's parameter, and all workers must collect the same tests.
_masks = random.Random(1)  # noqa: S311


@dataclass(frozen=True)
class Frame:
    """A websocket frame as a server sends it."""

    opcode: int
    payload: bytes
    final: bool = True

    @property
    def code(self) -> int:
        """The close code; 1005 when there is none."""
        return int(struct.unpack(">H", self.payload[:2])[0]) if len(self.payload) >= 2 else 1005


class Answer(NamedTuple):
    """An answer that has been read whole. status: 0 when the connection ended first."""

    status: int
    headers: CIMultiDict[str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["Content-Type"].partition(";")[0] == "application/json"
        return msgspec.json.decode(self.body)

    @property
    def problem(self) -> str:
        """The code of the problem, which must be one."""
        assert self.headers["Content-Type"] == "application/problem+json"
        document = msgspec.json.decode(self.body)
        assert document["status"] == self.status
        code: str = document["code"]
        return code


def frame(
    payload: bytes,
    opcode: int = TEXT,
    *,
    final: bool = True,
    reserved: int = 0,
    masked: bool = True,
    mask: bytes = b"",
) -> bytes:
    """One frame as a client sends it. reserved: the three RSV bits (0-7). mask: random unless given.

    masked=False: as no client may send it.
    """
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
    mask = mask or _masks.randbytes(4)
    repeated = mask * (size // 4 + 1)
    hidden = int.from_bytes(payload) ^ int.from_bytes(repeated[:size]) if size else 0
    return bytes(head) + mask + hidden.to_bytes(size)


def closing(code: int | None = 1000, reason: bytes = b"") -> bytes:
    """A close frame; without a code an empty one."""
    return frame(b"" if code is None else struct.pack(">H", code) + reason, CLOSE)


def frames_in(data: bytes) -> tuple[list[Frame], bytes]:
    """The whole frames that a server has sent, and what is left."""
    found = []
    while len(data) >= 2:
        size, start = data[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(data[2:4]), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10]), 10
        if len(data) < start + size:
            break
        found.append(Frame(data[0] & 0x0F, data[start : start + size], bool(data[0] & 0x80)))
        data = data[start + size :]
    return found, data


class RawSocket:
    """A TCP connection. After `upgrade` it speaks websocket frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int, host: str = "127.0.0.1") -> Self:
        return cls(*await asyncio.open_connection(host, port))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def send(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    async def head(self, within_s: float = _ANSWER_WITHIN_S) -> tuple[int, CIMultiDict[str]]:
        """Status and headers of the next answer; 0 when the connection ended first."""
        async with asyncio.timeout(within_s):
            try:
                text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            except (asyncio.IncompleteReadError, ConnectionError):
                return 0, CIMultiDict()
        line, *rest = text.rstrip("\r\n").split("\r\n")
        parts = (item.partition(":") for item in rest)
        return int(line.split(" ")[1]), CIMultiDict((name, value.strip()) for name, _, value in parts)

    async def answer(self, within_s: float = _ANSWER_WITHIN_S) -> Answer:
        """As `head`, with a body of the length that is told."""
        async with asyncio.timeout(within_s):
            status, headers = await self.head(within_s)
            length = int(headers.get("Content-Length", 0))
            return Answer(status, headers, await self.reader.readexactly(length))

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

    async def end(self, within_s: float = _ANSWER_WITHIN_S) -> bytes:
        """What comes until the other side closes."""
        async with asyncio.timeout(within_s):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    async def ended(self, within_s: float = _ANSWER_WITHIN_S) -> bool:
        """Whether the other side closes the connection in time; what still comes is thrown away."""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(within_s):
                while await self.reader.read(65_536):
                    pass
                return True
        return self.reader.at_eof() or self.reader.exception() is not None

    def close(self) -> None:
        self.writer.close()

    def abort(self) -> None:
        self.writer.transport.abort()


@contextlib.asynccontextmanager
async def raw_socket(port: int, host: str = "127.0.0.1") -> AsyncIterator[RawSocket]:
    """Connects, and disappears silently at the end."""
    opened = await RawSocket.connect(port, host)
    try:
        yield opened
    finally:
        opened.abort()
