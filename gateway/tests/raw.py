"""Bare sockets, for requests that no HTTP client would send."""

import asyncio
from typing import Any, NamedTuple

import msgspec
from multidict import CIMultiDict


class Answer(NamedTuple):
    """An answer that has been read whole."""

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


class Raw:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int) -> "Raw":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, timeout_s: float = 8.0) -> Answer:
        """The next answer. Raises IncompleteReadError if the connection ends first."""
        async with asyncio.timeout(timeout_s):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.rstrip("\r\n").split("\r\n")
            parts = (line.partition(": ") for line in lines)
            headers = CIMultiDict((name, value) for name, _, value in parts)
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
            return Answer(int(first.split(" ")[1]), headers, body)

    async def end(self, timeout_s: float = 8.0) -> bytes:
        """What comes until the other side closes."""
        async with asyncio.timeout(timeout_s):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    async def close(self) -> None:
        self.writer.close()

    async def __aenter__(self) -> "Raw":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()


def head(first: str, port: int, *lines: str) -> bytes:
    """A request head with our Host and the given lines."""
    return "\r\n".join([first, f"Host: 127.0.0.1:{port}", *lines, "", ""]).encode("latin-1")
