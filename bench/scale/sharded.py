"""A threads service over its own servers, filled with threads, and what it is asked when it is measured."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
from aiohttp.test_utils import TestClient, TestServer

from bench.measure.processes import cpu_seconds
from bench.scale.loader import Loader
from services.threads.app import build
from services.threads.config import Config
from services.threads.tests.driver import Link, Service, User
from services.threads.tests.fake_auth import FakeAuth
from shared.embedded.postgres import PostgresServer
from shared.embedded.running import running_valkey, started
from shared.testing.tokens import Tokens
from shared.wire.ids import uuid7
from shared.wire.link import Appended, AppendFailed, AppendItem
from shared.wire.log_calls import HeadsAnswer, HeadsOf
from shared.wire.messages import MESSAGE

THREADS, MESSAGES = 5_000, 20
OWN = 200
_ME = User(1, "person-1")
_PAIRS = [(1, 1 + n) for n in range(1, OWN + 1)] + [
    (2 * n, 2 * n + 1) for n in range(1_000, 1_000 + THREADS - OWN)
]
_QUIET = {"autovacuum": "off", "shared_buffers": "128MB"}
_MAKE = """
INSERT INTO threads.threads (low, high)
SELECT low, high FROM unnest($1::bigint[], $2::bigint[]) AS pair (low, high)
WHERE (SELECT slots IS NULL OR threads.slot_of(low, high) = ANY (slots) FROM threads.settings)
"""
_FIRST_OWN = "SELECT id FROM threads.threads WHERE (low, high) = (1, 2)"
# What is written meanwhile is not indexed: that would be counted at some moment or other.
_KEEP_THE_INDEX = "SELECT pg_advisory_lock(hashtext('duet.threads.indexing'))"


class Sharded:
    """One that runs. `appends`: so many batches of so many messages, each of another thread, several under way."""

    def __init__(self, servers: Sequence[PostgresServer], service: Service, link: Link) -> None:
        self._servers = servers
        self._service = service
        self._link = link

    def cpu_s(self) -> float:
        """Of its servers, so far."""
        return sum(
            cpu_seconds({"postgres": [server.running_pid() or 0 for server in self._servers]}).values()
        )

    async def appends(self, size: int, batches: int, under_way: int, seed: int) -> None:
        chance = random.Random(seed)
        begun = done = 0
        while done < batches:
            while begun < batches and begun - done < under_way:
                await self._link.begin(*map(_item, chance.sample(_PAIRS, size)))
                begun += 1
            answer = await self._link.receive(Appended, AppendFailed)
            assert isinstance(answer, Appended), answer
            assert not any(result.problem for result in answer.results), answer.results
            done += 1

    async def inbox(self) -> None:
        await self._get("/api/threads", 50, limit=50)

    async def search(self, word: str, hits: int) -> None:
        await self._get("/api/search", hits, q=word)

    async def hello(self) -> None:
        answer = await self._service.as_relay("/internal/heads", HeadsOf([_ME.id]), HeadsAnswer)
        assert len(answer.users[0].heads) == OWN

    async def _get(self, path: str, count: int, **query: object) -> None:
        status, answer = await self._service.as_user(_ME, "GET", path, **query)
        assert status == 200, answer
        found = answer.get("threads", answer.get("messages"))
        assert len(found) == count, len(found)


@asynccontextmanager
async def sharded(directory: Path, count: int) -> AsyncIterator[Sharded]:
    """Over so many servers of its own, with the same threads in them however many they are."""
    async with AsyncExitStack() as stack:
        servers = [
            PostgresServer(directory / f"log-{n}", directory / f"log-{n}-socket", settings=_QUIET)
            for n in range(count)
        ]
        for server in servers:
            stack.enter_context(started(server))
            server.ensure_database()
        auth = await stack.enter_async_context(FakeAuth().running())
        for user in range(1, OWN + 2):
            auth.add(user, f"person-{user}")
        first, *others = [server.dsn() for server in servers]
        config = Config(
            listen="127.0.0.1:0",
            keys_dir=directory,
            postgres_url=first,
            shard_urls=" ".join(others),
            redis_url=stack.enter_context(running_valkey(directory / "valkey")).url,
            auth_url=auth.url,
        )
        client = await stack.enter_async_context(TestClient(TestServer(build(config))))
        for server in servers:
            connection = await asyncpg.connect(server.dsn())
            stack.push_async_callback(connection.close)
            await _fill(connection)
        service = Service(client, Tokens(directory, "threads"))
        link = await service.link()
        stack.callback(link.socket.close)
        yield Sharded(servers, service, link)


async def _fill(connection: asyncpg.Connection) -> None:
    await connection.execute(_KEEP_THE_INDEX)
    await connection.execute(_MAKE, *map(list, zip(*_PAIRS, strict=True)))
    loader = Loader(connection, _ME.id)
    first = [row["id"] for row in await connection.fetch(_FIRST_OWN)]
    rest = [id for own in (True, False) for id in await loader.threads(own=own) if id not in first]
    await loader.fill(first, MESSAGES, needles=True)
    await loader.fill(rest, MESSAGES)
    await connection.execute("VACUUM ANALYZE threads.events, threads.threads, threads.search", timeout=600)


def _item(pair: tuple[int, int]) -> AppendItem:
    low, high = pair
    return AppendItem(
        low,
        f"person-{low}",
        f"person-{high}",
        MESSAGE,
        uuid7(),
        "one more message of an ordinary length",
        peer=high,
    )
