"""PostgreSQL: a pool that never makes a caller wait for long, and the service's own schema."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import structlog
from prometheus_client import Counter, Gauge

from shared.plumbing.postgres.errors import ReadOnlyServer, in_our_terms, is_away, is_read_only
from shared.plumbing.postgres.migrations import NotMigratedError, expect_by, migrate_by
from shared.plumbing.postgres.session import Greeter, PooledSession, Session
from shared.plumbing.postgres.single import WRITABLE, connected, is_pooled
from shared.plumbing.telemetry import traces
from shared.wire.problems import Unavailable

ACQUIRE_TIMEOUT_S = 2.0
COMMAND_TIMEOUT_S = 5.0
_KEPT = 4
_GREETINGS = 3
"""In a row: through a pooler, what was found out holds for the next transaction unless the server changes again."""
_START_PATIENCE_S = 30.0
_WRITABLE = "SELECT NOT pg_is_in_recovery() AND NOT current_setting('default_transaction_read_only')::bool"
_WAITERS = Gauge("duet_postgres_waiters", "Callers waiting for a connection")
_REFUSED = Counter("duet_postgres_refused", "Callers that had no connection in time")
_CONNECTIONS = Gauge(
    "duet_postgres_connections", "open; busy: lent to a caller; most: that there may be", ["state"]
)

T = TypeVar("T")
Connection = asyncpg.Connection


def _sum(place: int) -> float:
    return sum(one.connections()[place] for one in _shown)


class Database:
    """A service's schema in PostgreSQL. Callers should hold a connection only briefly.

    Four connections stay out of the pool between callers: giving one back and taking it again costs two tasks and
    some turns of the loop, a tenth of what threads spends on a single message. Who asks often takes them from one end,
    everybody else from the other.
    """

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._free: deque[Any] = deque()
        self._waiting = 0
        self._generation = 0
        self._closing = False

    def connection(self, *, often: bool = False) -> AbstractAsyncContextManager[Any]:
        """A connection in autocommit. often: the one that was asked for in this way before, if it is free; its process
        has at hand what the same statement needs.

        Raises Unavailable when none is free within 2 s, and for every error but those of classes 22 and 23: no other
        says that something is wrong with what was asked.
        """
        return _Lent(self, often=often)

    async def take(self, *, often: bool) -> tuple[Any, int]:
        """A connection for one caller, and its generation. Those whose server has gone meanwhile go to the pool."""
        generation = self._generation
        while self._free:
            connection = self._free.pop() if often else self._free.popleft()
            if _lives(connection):
                return connection, generation
            await self._pool.release(connection)
        return await self._acquired(), generation

    async def give_back(self, connection: Any, generation: int, *, often: bool) -> None:
        """Nothing went wrong with it."""
        full = self._waiting or self._closing or len(self._free) >= _KEPT
        if full or self._generation != generation:
            await self._pool.release(connection)
        elif often:
            self._free.append(connection)
        else:
            self._free.appendleft(connection)

    async def give_back_after(self, error: BaseException, connection: Any) -> None:
        """Raises what the error means to us, if that is another one."""
        if isinstance(error, asyncpg.InternalClientError):
            connection.terminate()  # the server died while it was asked: nothing more comes of this one
        if is_read_only(error):
            connection.terminate()
            await self.reconnect()
        await self._pool.release(connection)  # which knows what to do about a query that was broken off
        if (translated := in_our_terms(error)) is not None:
            raise translated from error

    async def _acquired(self) -> Any:
        _WAITERS.inc()
        self._waiting += 1
        try:
            return await self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S)
        except TimeoutError as error:
            _REFUSED.inc()
            raise Unavailable("The database is busy or away") from error
        except Exception as error:
            if (translated := in_our_terms(error)) is not None:
                raise translated from error
            raise
        finally:
            self._waiting -= 1
            _WAITERS.dec()

    async def reconnect(self) -> None:
        """From now on callers get new connections only: those that there are may be to a server of the past."""
        self._generation += 1
        kept, self._free = self._free, deque()
        await self._pool.expire_connections()
        for connection in kept:
            await self._pool.release(connection)

    def show(self) -> None:
        """Lets the metrics say how much of the pool is in use, until it closes; they look when they are asked."""
        _shown.append(self)

    def connections(self) -> tuple[int, int, int]:
        """How many are open and lent to callers, and how many there may be."""
        pool = self._pool
        size: int = pool.get_size()
        return size, size - pool.get_idle_size() - len(self._free), pool.get_max_size()

    async def close(self) -> None:
        """Ends all connections once their callers are done with them."""
        self._closing = True
        if self in _shown:
            _shown.remove(self)
        while self._free:
            await self._pool.release(self._free.pop())
        await self._pool.close()

    @contextlib.asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator[Any]:
        """A connection inside a transaction. options: isolation, readonly."""
        async with self.connection() as connection, connection.transaction(**options):
            yield connection

    async def check(self) -> str:
        """For readiness: asks the server whether it takes writes. Raises ReadOnlyServer."""
        async with self.connection() as connection:
            writable = await connection.fetchval(_WRITABLE)
        if not writable:
            await self.reconnect()
            raise ReadOnlyServer("The database is read-only")
        return "ok"


_shown: list[Database] = []
"""All that there are: a service has as many as its schema has servers."""
for _place, _state in enumerate(("open", "busy", "most")):
    _CONNECTIONS.labels(_state).set_function(partial(_sum, _place))


class _Lent:
    """A connection while a caller has it. Not a generator, of which each message would make one."""

    __slots__ = ("_connection", "_database", "_generation", "_often")

    def __init__(self, database: Database, *, often: bool) -> None:
        self._database = database
        self._often = often

    async def __aenter__(self) -> Any:
        self._connection, self._generation = await self._database.take(often=self._often)
        return self._connection

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            await self._database.give_back(self._connection, self._generation, often=self._often)
        else:
            await self._database.give_back_after(error, self._connection)


class PooledDatabase(Database):
    """Through a pooler that lends a session of the server's to one transaction at a time: nothing is done outside one.

    So what a caller does with a connection is done together or not at all, and an error that PostgreSQL has answered
    with is the end of it.
    """

    def __init__(self, pool: Any, greeter: Greeter | None) -> None:
        super().__init__(pool)
        self._greeter = greeter

    @contextlib.asynccontextmanager
    async def transaction(self, *, often: bool = False, **options: Any) -> AsyncIterator[Any]:
        """As Database's. Raises Unavailable also where the server is one of the past, or changes all the time."""
        async with super().connection(often=often) as connection:
            for _ in range(_GREETINGS):
                async with connection.transaction(**options):
                    if self._greeter is None or connection.log:
                        yield connection
                        return
                async with connection.transaction():
                    await self._greeter.greet(connection)
            raise Unavailable("The database is not the same for long")

    @contextlib.asynccontextmanager
    async def connection(self, *, often: bool = False) -> AsyncIterator[Any]:
        """A connection inside a transaction; otherwise as Database's."""
        async with self.transaction(often=often) as connection:
            yield connection


class TracedDatabase(Database):
    """Where traces are taken: a span for each use of a connection, with the wait for it."""

    @contextlib.asynccontextmanager
    async def connection(self, *, often: bool = False) -> AsyncIterator[Any]:
        above = traces.current()
        with traces.timed(above and above.child("postgres", "client")) as span:
            if span is not None:
                span.attributes["db.system.name"] = "postgresql"
            async with super().connection(often=often) as connection:
                yield connection


class TracedPooledDatabase(TracedDatabase, PooledDatabase):
    """Both."""


@contextlib.asynccontextmanager
async def database(
    dsn: str,
    schema: str,
    migrations: Path | None,
    *,
    max_size: int = 10,
    greeter: Greeter | None = None,
    settings: Mapping[str, str] | None = None,
    patience_s: float = _START_PATIENCE_S,
    migrating: bool = True,
) -> AsyncIterator[Database]:
    """Brings `schema` up to date and opens a pool on it; waits up to `patience_s` for a server that is starting.

    migrating: else it must be up to date, and is waited for, too. settings: of every session, on top of the schema and
    `synchronous_commit`.
    """
    told = {
        "search_path": schema,
        "synchronous_commit": "on",
        "client_connection_check_interval": "1s",  # for queries whose caller has given up
        **(settings or {}),
    }

    async def begin() -> Database:
        async with connected(dsn) as connection:
            await (migrate_by if migrating else expect_by)(connection, schema, migrations)
            pooled = await is_pooled(connection)
        return await (_behind_a_pooler if pooled else _direct)(dsn, schema, told, max_size, greeter)

    opened = await _patiently(begin, patience_s)
    opened.show()
    try:
        yield opened
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(opened.close(), COMMAND_TIMEOUT_S)


async def _direct(
    dsn: str, schema: str, told: Mapping[str, str], max_size: int, greeter: Greeter | None
) -> Database:
    async def greet(connection: Any) -> None:
        if greeter is not None:
            connection.log = await greeter.greet(connection)

    settings = {"application_name": f"duet-{schema}", **told}
    pool = await _pool(dsn, max_size, Session, greet, server_settings=settings)
    return Database(pool) if traces.tracer is None else TracedDatabase(pool)


async def _behind_a_pooler(
    dsn: str, schema: str, told: Mapping[str, str], max_size: int, greeter: Greeter | None
) -> Database:
    """What is prepared stays with a session, so nothing is: the next transaction may get one that does not know it."""
    structlog.get_logger().info("the database is behind a pooler")

    async def tell(connection: Any) -> None:
        connection.tell(told, greeter)

    name = {"application_name": f"duet-{schema}"}
    pool = await _pool(dsn, max_size, PooledSession, tell, server_settings=name, statement_cache_size=0)
    return (PooledDatabase if traces.tracer is None else TracedPooledDatabase)(pool, greeter)


async def _pool(
    dsn: str, max_size: int, of: type[Session], init: Callable[[Any], Awaitable[None]], **options: Any
) -> Any:
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=max_size,
        connection_class=of,
        init=init,
        command_timeout=COMMAND_TIMEOUT_S,
        timeout=COMMAND_TIMEOUT_S,
        target_session_attrs=WRITABLE,
        # The default resets the session, a round trip a call; no caller here leaves anything in one.
        reset=_leave_as_is,
        **options,
    )


def _lives(connection: Any) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # it ended, and the pool has taken it back by itself
        return False


async def _leave_as_is(connection: Any) -> None:
    """asyncpg itself has ended an open transaction by now."""


async def _patiently(step: Callable[[], Awaitable[T]], patience_s: float) -> T:
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            return await step()
        except Exception as error:
            if not (is_away(error) or isinstance(error, NotMigratedError)) or time.monotonic() > give_up_at:
                raise
            structlog.get_logger().warning("waiting for the database", error=repr(error))
            await asyncio.sleep(0.25)
