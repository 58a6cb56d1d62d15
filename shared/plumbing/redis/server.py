"""A connection to one Redis server for the hot commands: written at once, answered in order.

redis-py spends 80-200 µs of CPU on a command (a connection from its pool, two time-outs, a stream, a task's turns);
here it is 20-30. A caller that gives up disturbs nobody: its answer still has its place in the order.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import hiredis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError

from shared.plumbing.redis.url import tls

_CONNECT_TIMEOUT_S = 1.0
Word = str | bytes | int
Command = Sequence[Word]
_pack: Callable[[tuple[Word, ...]], bytes] = hiredis.pack_command  # type: ignore[assignment]  # its stub says: of one


def _error(text: str) -> ResponseError:
    return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)


class _Connection(asyncio.Protocol):
    """One life of the connection."""

    def __init__(self) -> None:
        self._reader = hiredis.Reader(replyError=_error)
        self._transport: asyncio.Transport | None = None
        self._asked: deque[tuple[asyncio.Future[list[Any]], int]] = deque()
        self._answers: list[Any] = []
        self._heard = False  # anything at all

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, commands: Sequence[Command]) -> "asyncio.Future[list[Any]]":
        """Their answers, errors among them."""
        answer: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        if self._transport is None:
            answer.set_exception(RedisConnectionError("the connection is gone"))
            return answer
        self._asked.append((answer, len(commands)))
        self._transport.write(b"".join([_pack(tuple(command)) for command in commands]))
        return answer

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        self._heard = True
        reader.feed(data)
        try:
            while (reply := reader.gets()) is not False and self._asked:
                self._answers.append(reply)
                answer, count = self._asked[0]
                if len(self._answers) == count:
                    self._asked.popleft()
                    answers, self._answers = self._answers, []
                    if not answer.done():
                        answer.set_result(answers)
        except hiredis.ProtocolError:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        why = f"the connection was lost: {exc or 'closed'}"
        if not self._heard and self._transport is not None and self._transport.get_extra_info("sslcontext"):
            why += " [SSL, before the first answer]"
        self._transport = None
        while self._asked:
            answer, _ = self._asked.popleft()
            if not answer.done():
                answer.set_exception(RedisConnectionError(why))

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class RedisServer:
    """where: what `parse_url` finds in a URL. timeout_s: as of a RedisConnection."""

    def __init__(self, where: Mapping[str, Any], timeout_s: float) -> None:
        self.where = where
        self._timeout_s = timeout_s
        self._connection: _Connection | None = None
        self._clustered = False
        self._connecting = asyncio.Lock()

    @property
    def open(self) -> bool:
        return self._connection is not None and self._connection.open

    async def exchange(self, commands: Sequence[Command]) -> list[Any]:
        """An answer a command, errors among them. Raises RedisError, OSError, TimeoutError.

        Where this process had no turn for so long, and the answer lay there meanwhile, it is in time.
        """
        connection = self._connection
        if connection is None or not connection.open:
            await self.connect()
            connection = cast("_Connection", self._connection)
        answer = connection.ask(commands)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await answer
        except TimeoutError:
            if answer.done() and not answer.cancelled():
                return answer.result()
            connection.abort()
            raise

    async def connect(self) -> bool:
        """Connects if need be; whether the server is one of a cluster."""
        async with self._connecting:
            if not self.open:
                async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                    connection = await self._connected()
                    try:
                        *answers, kind = await connection.ask([*self._greeting(), ("INFO", "cluster")])
                        for answer in answers:
                            if isinstance(answer, Exception):
                                raise RedisConnectionError(str(answer)) from answer
                    except BaseException:
                        connection.abort()
                        raise
                # Who may not ask is told by the commands themselves what is wrong.
                self._clustered = isinstance(kind, bytes) and b"cluster_enabled:1" in kind
                self._connection = connection
            return self._clustered

    async def _connected(self) -> _Connection:
        loop, where = asyncio.get_running_loop(), self.where
        if path := where.get("path"):
            _, connection = await loop.create_unix_connection(_Connection, path)
        else:
            _, connection = await loop.create_connection(
                _Connection, where.get("host", "localhost"), where.get("port", 6379), ssl=tls(where)
            )
        return connection

    def _greeting(self) -> list[Command]:
        where = self.where
        commands: list[Command] = []
        if password := where.get("password"):
            user = where.get("username")
            commands.append(("AUTH", user, password) if user else ("AUTH", password))
        if database := where.get("db"):
            commands.append(("SELECT", database))
        return commands

    def close(self) -> None:
        """Ends the connection; the next question makes a new one."""
        if self._connection is not None:
            self._connection.abort()
            self._connection = None
