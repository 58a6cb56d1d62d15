"""The real app on a socket with a PostgreSQL and a Valkey of its own; FakeAuth knows people, FakeMedia their files."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from services.threads.app import build
from services.threads.config import Config
from services.threads.queries import placing
from services.threads.queries.placing import SLOTS
from services.threads.tests.driver import Service, Start, User
from services.threads.tests.fake_auth import FakeAuth
from services.threads.tests.two_shards import Two
from shared.testing.fake_media import FakeMedia
from shared.testing.tokens import Tokens


@pytest.fixture
async def auth() -> AsyncIterator[FakeAuth]:
    async with FakeAuth().running() as fake:
        yield fake


@pytest.fixture
async def media() -> AsyncIterator[FakeMedia]:
    """Asked by services that are started with its url."""
    async with FakeMedia().running() as fake:
        yield fake


def _person(auth: FakeAuth, user: int, name: str) -> User:
    auth.add(user, name)
    return User(user, name)


@pytest.fixture
def ann(auth: FakeAuth) -> User:
    return _person(auth, 11, "ann")


@pytest.fixture
def bob(auth: FakeAuth) -> User:
    return _person(auth, 12, "bob")


@pytest.fixture
def eve(auth: FakeAuth) -> User:
    return _person(auth, 13, "eve")


@pytest.fixture
def config(
    auth: FakeAuth, database_url: str, shard_urls: str, clean_redis_url: str, tmp_path: Path
) -> Config:
    return Config(
        listen="127.0.0.1:0",
        keys_dir=tmp_path,
        postgres_url=database_url,
        redis_url=clean_redis_url,
        auth_url=auth.url,
        shard_urls=shard_urls,
    )


@pytest.fixture
def start(config: Config, aiohttp_client: Any, tmp_path: Path) -> Start:
    """Starts services, all on one database."""

    async def one(**changes: Any) -> Service:
        changed = msgspec.structs.replace(config, **changes)
        return Service(await aiohttp_client(build(changed)), Tokens(tmp_path, "threads"))

    return one


@pytest.fixture
def one_server(shard_urls: str) -> None:
    """For tests that look into the database, or are about one server of the log."""
    if shard_urls:
        pytest.skip("it is about one server, and the log is on several")


@pytest.fixture
async def threads(start: Start) -> Service:
    return await start()


@pytest.fixture
async def sql(threads: Service, database_url: str, one_server: None) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the test's own, beside the running service."""
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "threads"})
    yield connection
    await connection.close()


@pytest.fixture
async def shards(database_url: str, further_shards: list[str]) -> AsyncIterator[Two]:
    """The first one holds everything, the other nothing."""
    urls = [database_url, further_shards[0]]
    conns = [await asyncpg.connect(url, server_settings={"search_path": "threads"}) for url in urls]
    await placing.give(conns[0], 0, range(SLOTS), begins=False)
    await placing.give(conns[1], 1, [], begins=True)
    yield Two(urls, conns)
    for conn in conns:
        await conn.close()
