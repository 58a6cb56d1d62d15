"""A small HTTP/1.1 client for our own services: pooled connections, whole bodies, nothing else.

aiohttp's client costs 190-260 us a call in the two processes; every call of a browser goes through here.
It understands only what our services write (a length, never chunks) and drops the connection at anything else.
"""

import asyncio
from collections.abc import Mapping
from typing import TypeVar, cast

import msgspec

from shared.plumbing.address import Address
from shared.plumbing.identity import CHALLENGE_HEADER
from shared.plumbing.rpc import mistrusted
from shared.wire.problems import Unavailable

P = TypeVar("P", bound=asyncio.Protocol)
TIMEOUT_S = 5.0
HEALTH_TIMEOUT_S = 2.0
_CONNECT_TIMEOUT_S = 2.0
_QUEUE_TIMEOUT_S = 2.0
_RETRY_PAUSES_S = (0.05, 0.2)
_MAX_CONNECTIONS = 256
_MAX_HEAD_BYTES = 16 * 1024
_CHALLENGE = CHALLENGE_HEADER.lower().encode()
_WITHOUT_BODY = frozenset({204, 304})


class Answer(msgspec.Struct, frozen=True):
    """headers: names in lower case."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes


class BrokenConnectionError(Exception):
    """The connection ended, or what came was not HTTP. answered: whether any byte of an answer had come."""

    def __init__(self, sentence: str, *, answered: bool = True) -> None:
        super().__init__(sentence)
        self.answered = answered


def parse_head(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    """Status and headers (names in lower case). Raises BrokenConnectionError if it is no HTTP/1.1 answer."""
    first, *lines = head.split(b"\r\n")
    if not first.startswith(b"HTTP/1.1 ") or not first[9:12].isdigit():
        raise BrokenConnectionError("not an HTTP answer")
    headers = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    return int(first[9:12]), headers


def refuse_mistrust(program: str, headers: Mapping[bytes, bytes]) -> None:
    """headers: of an answer to our token. Raises Unavailable if `program` does not believe it."""
    if _CHALLENGE in headers:
        raise mistrusted(program)


class _Connection(asyncio.Protocol):
    """One connection: one request at a time."""

    __slots__ = ("_answer", "_buffer", "_head", "_length", "closed", "transport")

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.closed = False
        self._answer: asyncio.Future[Answer] | None = None
        self._buffer = b""
        self._head: tuple[int, dict[bytes, bytes]] | None = None
        self._length = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    async def ask(self, request: bytes, timeout_s: float) -> Answer:
        """Raises BrokenConnectionError, TimeoutError; after that the connection is useless."""
        if self.closed or self.transport is None:
            raise BrokenConnectionError("closed while idle", answered=False)
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self.transport.write(request)
        deadline = loop.call_later(timeout_s, self._give_up)
        try:
            return await self._answer
        finally:
            deadline.cancel()
            self._answer = None
            if self._head is not None or self._buffer:
                self.abort()  # cancelled in the middle: what still comes must not answer another request

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.abort()
            return
        self._buffer = self._buffer + data if self._buffer else data
        try:
            self._read()
        except BrokenConnectionError as error:
            self._fail(error)

    def _read(self) -> None:
        if self._head is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > _MAX_HEAD_BYTES:
                    raise BrokenConnectionError("an endless head")
                return
            self._head = parse_head(self._buffer[:end])
            self._length = body_length(*self._head)
            self._buffer = self._buffer[end + 4 :]
        if len(self._buffer) < self._length:
            return
        if len(self._buffer) > self._length:
            raise BrokenConnectionError("more than one answer")
        (status, headers), body = self._head, self._buffer
        self._head, self._buffer = None, b""
        if headers.get(b"connection") == b"close":
            self.abort()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(status, headers, body))

    def _give_up(self) -> None:
        self._fail(TimeoutError("no answer in time"))

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        answered = self._head is not None or bool(self._buffer)
        self._fail(BrokenConnectionError("the service closed the connection", answered=answered))

    def abort(self) -> None:
        self.closed = True
        if self.transport is not None:
            self.transport.abort()
            self.transport = None


def body_length(status: int, headers: Mapping[bytes, bytes]) -> int:
    """The length of the body. Raises BrokenConnectionError if the head does not say."""
    if status in _WITHOUT_BODY:
        return 0
    length = headers.get(b"content-length", b"")
    if status < 200 or not length.isdigit() or b"transfer-encoding" in headers:
        raise BrokenConnectionError("an answer without a length")
    return int(length)


class Upstream:
    """The connections to one service. timeout_s: for an answer."""

    def __init__(self, program: str, address: Address, timeout_s: float = TIMEOUT_S) -> None:
        self.program = program
        self.address = address
        self._timeout_s = timeout_s
        self._idle: list[_Connection] = []
        self._places = asyncio.Semaphore(_MAX_CONNECTIONS)

    async def ask(self, request: bytes) -> Answer:
        """Sends a whole request and reads the whole answer. Raises Unavailable when none comes.

        A request may be sent again when a kept-alive connection broke before it was answered.
        """
        await self._take_place()
        try:
            return await self._ask(request)
        except (BrokenConnectionError, TimeoutError, OSError) as error:
            raise Unavailable(f"{self.program} does not answer") from error
        finally:
            self._places.release()

    async def _ask(self, request: bytes) -> Answer:
        while self._idle:
            connection = self._idle.pop()
            if connection.closed:
                continue
            try:
                return await self._on(connection, request)
            except BrokenConnectionError as error:
                # Kept-alive connections die with their service: a new one gets the request, which every call can bear.
                if error.answered:
                    raise
        return await self._on(await self._connect(), request)

    async def _take_place(self) -> None:
        """Waits for one of the allowed connections, but not for long: callers must not queue behind a hung service."""
        try:
            if self._places.locked():
                async with asyncio.timeout(_QUEUE_TIMEOUT_S):
                    await self._places.acquire()
            else:
                await self._places.acquire()
        except TimeoutError as error:
            raise Unavailable(f"{self.program} is busy") from error

    async def _on(self, connection: _Connection, request: bytes) -> Answer:
        try:
            answer = await connection.ask(request, self._timeout_s)
        except BaseException:
            connection.abort()
            raise
        if not connection.closed:
            self._idle.append(connection)
        return answer

    async def _connect(self) -> _Connection:
        for pause_s in (*_RETRY_PAUSES_S, None):
            try:
                return await connect(self.address, _Connection())
            except (OSError, TimeoutError):
                if pause_s is None:
                    raise
                await asyncio.sleep(pause_s)
        raise AssertionError("the last pause is None")

    def close(self) -> None:
        """Ends the idle connections."""
        for connection in self._idle:
            connection.abort()
        self._idle.clear()


async def connect(address: Address, protocol: P) -> P:
    """Connects `protocol`. Raises OSError, TimeoutError."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(_CONNECT_TIMEOUT_S):
        if address.path:
            await loop.create_unix_connection(lambda: protocol, address.path)
        else:
            await loop.create_connection(lambda: protocol, address.host, address.port)
    return protocol
