"""A small HTTP/1.1 client for our own programs: pooled connections, whole bodies, nothing else.

aiohttp's client costs 190-260 us a call in the two processes; every call between programs goes through here.
It understands only what they write (a length, never chunks) and drops the connection at anything else.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from typing import TypeVar, cast

import msgspec

from shared.plumbing.http.head import NotHttpError, body_length, read_answer
from shared.plumbing.transport import tls
from shared.plumbing.transport.address import Address
from shared.wire.problems import Unavailable

P = TypeVar("P", bound=asyncio.Protocol)
TIMEOUT_S = 5.0
HEALTH_TIMEOUT_S = 2.0
_CONNECT_TIMEOUT_S = 2.0
_QUEUE_TIMEOUT_S = 2.0
RETRY_PAUSES_S = (0.05, 0.2)
"""Before it is tried again: another process of the program may have taken its place by then, behind a balancer."""

_MAX_CONNECTIONS = 256
_MAX_HEAD_BYTES = 16 * 1024


class Answer(msgspec.Struct, frozen=True):
    """headers: names in lower case."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes


class BrokenConnectionError(Exception):
    """The connection ended, or what came was not HTTP.

    sent: whether the request may have arrived. answered: whether any byte of an answer had come.
    """

    def __init__(self, sentence: str, *, sent: bool = True, answered: bool = True) -> None:
        super().__init__(sentence)
        self.sent = sent
        self.answered = answered


class _Connection(asyncio.Protocol):
    """One connection: one request at a time."""

    __slots__ = ("_answer", "_buffer", "_head", "_length", "_parts", "closed", "transport")

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.closed = False
        self._answer: asyncio.Future[Answer] | None = None
        self._buffer = b""
        self._head: tuple[int, dict[bytes, bytes]] | None = None
        self._parts: list[bytes] = []
        self._length = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    async def ask(self, request: bytes, timeout_s: float) -> Answer:
        """Raises BrokenConnectionError, TimeoutError; after that, or when cancelled, the connection is useless."""
        if self.closed or self.transport is None:
            raise BrokenConnectionError("closed while idle", sent=False, answered=False)
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self.transport.write(request)
        deadline = loop.call_later(timeout_s, self._give_up)
        try:
            return await self._answer
        finally:
            deadline.cancel()
            self._answer = None

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.abort()
            return
        try:
            self._read(data)
        except (BrokenConnectionError, NotHttpError) as error:
            self._fail(BrokenConnectionError(str(error)))

    def _read(self, data: bytes) -> None:
        if self._head is None:
            self._buffer = self._buffer + data if self._buffer else data
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > _MAX_HEAD_BYTES:
                    raise BrokenConnectionError("an endless head")
                return
            self._head = read_answer(self._buffer[:end])
            self._length = body_length(*self._head)
            data, self._buffer = self._buffer[end + 4 :], b""
        self._parts.append(data)
        self._length -= len(data)
        if self._length > 0:
            return
        if self._length < 0:
            raise BrokenConnectionError("more than one answer")
        (status, headers), body = self._head, b"".join(self._parts)
        self._head, self._parts = None, []
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


class HttpClient:
    """The connections to one program. timeout_s: for an answer."""

    def __init__(self, program: str, address: Address, timeout_s: float = TIMEOUT_S) -> None:
        self.program = program
        self.address = address
        self._timeout_s = timeout_s
        self._idle: list[_Connection] = []
        self._places = asyncio.Semaphore(_MAX_CONNECTIONS)

    async def ask(self, request: bytes, *, may_repeat: bool = True) -> Answer:
        """Sends a whole request and reads the whole answer. Raises Unavailable when none comes.

        may_repeat: it may be sent again when a connection broke before anything of an answer came.
        """
        await self._take_place()
        try:
            return await self._ask(request, may_repeat)
        except (BrokenConnectionError, TimeoutError, OSError) as error:
            raise Unavailable(f"{self.program} does not answer") from error
        finally:
            self._places.release()

    async def _ask(self, request: bytes, may_repeat: bool) -> Answer:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed:
                # Kept-alive connections die with their program: a new one gets the request, if it can bear that.
                with _tolerating(may_repeat):
                    return await self._on(connection, request)
        with _tolerating(may_repeat):  # even a new one may be cut off, by a balancer or a program that ends
            return await self._on(await self._connect(), request)
        return await self._on(await self._connect(), request)

    async def _take_place(self) -> None:
        """Waits for one of the allowed connections, but not for long: callers must not queue behind a hung service."""
        try:
            if self._places.locked():
                async with asyncio.timeout(_QUEUE_TIMEOUT_S):
                    await self._places.acquire()
            else:
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable(f"{self.program} is busy") from None

    async def _on(self, connection: _Connection, request: bytes) -> Answer:
        try:
            answer = await connection.ask(request, self._timeout_s)
        except BaseException:
            connection.abort()  # cancelled, too: what still comes must not answer another request
            raise
        if not connection.closed:
            self._idle.append(connection)
        return answer

    async def _connect(self) -> _Connection:
        for pause_s in (*RETRY_PAUSES_S, None):
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


@contextlib.contextmanager
def _tolerating(may_repeat: bool) -> Iterator[None]:
    """Of a connection that broke, nothing if the request can be sent again. Raises BrokenConnectionError otherwise."""
    try:
        yield
    except BrokenConnectionError as error:
        if error.answered or (error.sent and not may_repeat):
            raise


async def connect(address: Address, protocol: P) -> P:
    """Connects `protocol`. Raises OSError, TimeoutError."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(_CONNECT_TIMEOUT_S):
        if address.path:
            await loop.create_unix_connection(lambda: protocol, address.path)
        else:
            await loop.create_connection(lambda: protocol, address.host, address.port, **tls.towards(address))
    return protocol
