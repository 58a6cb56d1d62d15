"""Sends HTTP requests as fast as they are answered, by a client so thin that it measures the server, not itself."""

import asyncio
import itertools
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import uvloop

_HEADERS_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass
class Answers:
    """seconds: from first to last; failed: of another status than 2xx; latency_ms: of each."""

    seconds: float = 0.0
    answered: int = 0
    failed: int = 0
    latency_ms: "array[float]" = field(default_factory=lambda: array("d"))

    @property
    def a_second(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0


def request(method: str, path: str, host: str, body: bytes = b"", headers: Sequence[str] = ()) -> bytes:
    """The bytes of one request on a kept-alive connection. host: with its port."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Connection(asyncio.Protocol):
    """One request under way at any time."""

    def __init__(self, requests: Iterator[bytes], until: float, answers: Answers) -> None:
        self._requests = requests
        self._until = until
        self._answers = answers
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(_HEADERS_END)
        if end < 0:
            return
        head = self._received[:end].lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._received) < end + len(_HEADERS_END) + length:
            return
        self._received = b""
        self._answers.answered += 1
        self._answers.failed += not head.startswith(b"http/1.1 2")
        self._answers.latency_ms.append((time.monotonic() - self._sent_at) * 1000)
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed"))

    def _next(self) -> None:
        assert self._transport is not None
        now = time.monotonic()
        following = next(self._requests, None) if now < self._until else None
        if following is None:
            if not self.done.done():
                self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = now
        self._transport.write(following)


def drive(base_url: str, requests: Iterable[bytes], connections: int, seconds: float) -> Answers:
    """Sends `requests` in turn over so many connections until they or the seconds are over."""
    return uvloop.run(_drive(base_url, iter(requests), connections, seconds))


def for_ever(requests: Sequence[bytes]) -> Iterator[bytes]:
    return itertools.cycle(requests)


async def _drive(base_url: str, requests: Iterator[bytes], connections: int, seconds: float) -> Answers:
    where = urlsplit(base_url)
    host, port = where.hostname or "", where.port or 80
    answers = Answers()
    loop = asyncio.get_running_loop()
    started = time.monotonic()

    def connection() -> _Connection:
        return _Connection(requests, started + seconds, answers)

    opened = [await loop.create_connection(connection, host, port) for _ in range(connections)]
    await asyncio.gather(*(protocol.done for _, protocol in opened))
    answers.seconds = time.monotonic() - started
    return answers
