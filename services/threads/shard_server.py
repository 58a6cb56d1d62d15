"""The servers of the log, as who moves slots between them knows them: a connection to each, in an order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from services.threads.queries import moving, placing, switching
from services.threads.queries.placing import SLOTS, Place
from shared.plumbing.postgres.migrations import numbered
from shared.plumbing.postgres.single import WRITABLE, is_pooled
from shared.plumbing.settings.known import without_password

MIGRATIONS = Path(__file__).parent / "migrations"
_NAME = "duet-move"
"""Not that of those who are ended when slots move."""

_SESSION = {
    "search_path": "threads",
    "lock_timeout": "2s",  # who waits for a lock on settings has everybody behind them
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "10s",  # nobody waits longer for a mover that hangs
    # As those of the service: a look-up of a few rows must not read a table that nobody has analyzed yet.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
_SET = "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS set (name, value)"
_ALONE = "SELECT pg_advisory_lock(hashtext('duet.threads.moving'))"
_IS_MIGRATED = "SELECT to_regclass('threads.migrations') IS NOT NULL"
_MIGRATED = "SELECT coalesce(max(number), 0) FROM threads.migrations"
_LOG = "SELECT log::text FROM settings"
_HELD = """
SELECT (SELECT count(*) FROM threads) AS threads, (SELECT coalesce(sum(head), 0)::bigint FROM threads) AS events,
    (SELECT count(*) FROM strays) AS strays,
    (SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
        WHERE relnamespace = 'threads'::regnamespace AND relkind = 'r') AS bytes
"""


class MovingError(Exception):
    """Nothing can be moved; the sentence says why."""


class Held(msgspec.Struct, frozen=True):
    """How much a shard holds. strays: threads of which rows are there that are nobody's any more."""

    threads: int
    events: int
    strays: int
    bytes: int


class Server:
    """One of them. name: as it was named, without the password. place: as it was last looked at."""

    def __init__(self, url: str, conn: Any) -> None:
        self.url = url
        self.name = without_password(url)
        self.conn = conn
        self.place = Place(0, None, frozenset(), 0, used=False)

    @property
    def slots(self) -> frozenset[int]:
        return self.place.slots or frozenset()

    async def look(self) -> None:
        self.place = await placing.found(self.conn)

    async def held(self) -> Held:
        found = await self.conn.fetchrow(_HELD)
        return Held(found["threads"], found["events"], found["strays"], found["bytes"])


@asynccontextmanager
async def servers(urls: Sequence[str], *, alone: bool = True) -> AsyncIterator[list[Server]]:
    """alone: nobody else moves anything meanwhile. Raises MovingError unless they are one log of this version's."""
    async with AsyncExitStack() as stack:
        found = [await _opened(url, stack) for url in urls]
        logs = [await server.conn.fetchval(_LOG) for server in found]
        for n, log in enumerate(logs):
            if log in logs[:n]:
                raise MovingError(f"{found[n].name} is named twice")
        for server in found if alone else ():
            try:
                await server.conn.execute(_ALONE)
            except asyncpg.LockNotAvailableError:
                raise MovingError(f"somebody else is moving something at {server.name}") from None
        await asyncio.gather(*(server.look() for server in found))
        for server in found:
            if server.place.slots is None:
                raise MovingError(
                    f"{server.name} is not known to the log yet: start threads with it in"
                    " DUET_SHARD_URLS first, every process of it"
                )
        yield found


async def settle(found: Sequence[Server]) -> None:
    """Finishes, or takes back, what a mover was at that died. Raises MovingError: some slots are nowhere, or twice."""
    for server in found:
        if server.place.arriving:
            if any(server.place.arriving & other.slots for other in found):
                await switching.forget_arrivals(server.conn)
            elif all(other.place.shard != server.place.arriving_from for other in found):
                raise MovingError(
                    f"slots are on their way to {server.name} from number {server.place.arriving_from}, which has to be"
                    " named, too"
                )
            else:
                await placing.take(server.conn, server.place.arriving)
        await moving.end(server.conn)
        await server.look()
    holders: dict[int, Server] = {}
    for server in found:
        for slot in server.slots:
            if slot in holders:
                raise MovingError(
                    f"slot {slot} is held by {holders[slot].name} and by {server.name}: one of them lost the last of"
                    " what was written there"
                )
            holders[slot] = server
    if len(holders) < SLOTS:
        missing = min(set(range(SLOTS)) - set(holders))
        raise MovingError(f"slot {missing} is held by none of these servers: name them all")


async def _opened(url: str, stack: AsyncExitStack) -> Server:
    name = without_password(url)
    try:
        conn = await asyncpg.connect(
            url,
            timeout=5,
            target_session_attrs=WRITABLE,
            server_settings={"application_name": _NAME},
            statement_cache_size=0,
        )
        stack.push_async_callback(_closed, conn)
        if await is_pooled(conn):
            raise MovingError(f"{name} is a pooler: name the server itself")
        await conn.execute(_SET, list(_SESSION), list(_SESSION.values()))
        wanted = max(numbered(MIGRATIONS))
        there = await conn.fetchval(_MIGRATED) if await conn.fetchval(_IS_MIGRATED) else 0
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MovingError(f"{name} does not answer: {error or repr(error)}") from error
    if there != wanted:
        raise MovingError(f"the schema at {name} is at {there}, and this version moves those at {wanted}")
    return Server(url, conn)


async def _closed(conn: Any) -> None:
    """Soon: where something went wrong, there may be a copy under way."""
    try:
        await conn.close(timeout=2)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        conn.terminate()
