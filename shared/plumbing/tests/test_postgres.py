"""Connections: kept between callers, given to whoever waits, never a dead one."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.plumbing.postgres.database import Database, _lives, database
from shared.plumbing.postgres.errors import StatementFailed
from shared.wire.problems import Unavailable

_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
async def db(empty_database_url: str) -> AsyncIterator[Database]:
    async with database(empty_database_url, "public", None, max_size=3) as opened:
        yield opened


async def backend(db: Database) -> int:
    async with db.connection() as connection:
        found: int = await connection.fetchval("SELECT pg_backend_pid()")
    return found


async def test_the_next_caller_gets_the_same_connection(db: Database) -> None:
    assert await backend(db) == await backend(db)


async def test_who_asks_often_gets_its_own_whatever_others_do(db: Database) -> None:
    async with db.connection(often=True) as connection, db.connection():
        mine = await connection.fetchval("SELECT pg_backend_pid()")
    async with db.connection() as other:
        assert await other.fetchval("SELECT pg_backend_pid()") != mine
        async with db.connection(often=True) as connection:
            assert await connection.fetchval("SELECT pg_backend_pid()") == mine


async def test_what_was_prepared_for_a_table_that_is_another_now_is_prepared_again(db: Database) -> None:
    query = "SELECT * FROM changing WHERE n = $1"
    async with db.connection(often=True) as connection:
        await connection.execute("CREATE TABLE changing AS SELECT generate_series(1, 2) AS n")
        assert await connection.fetch_at_once(query, [(1,)]) == [(1,)]
        await connection.execute("ALTER TABLE changing ADD more int DEFAULT 7")
        for rows in ([(1,)], [(1,), (2,)], [(3,)]):
            assert await connection.fetch_at_once(query, rows) == [(n, 7) for (n,) in rows if n < 3]
        with pytest.raises(asyncpg.DataError):
            await connection.fetch_at_once("SELECT $1::int", [(2**40,)])


async def test_who_waits_gets_the_first_that_is_given_back(db: Database) -> None:
    async with db.connection(), db.connection():
        async with db.connection():
            late = asyncio.create_task(backend(db))
            await asyncio.sleep(0.05)
            assert not late.done()
        assert await asyncio.wait_for(late, 1) > 0


async def test_no_connection_within_two_seconds_is_unavailable(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.connection(), db.connection(), db.connection():
        with monkeypatch.context() as patch:
            patch.setattr("shared.plumbing.postgres.database.ACQUIRE_TIMEOUT_S", 0.05)
            with pytest.raises(Unavailable):
                await backend(db)
    assert await backend(db) > 0


async def test_connections_that_the_server_ended_are_not_used_again(
    db: Database, empty_database_url: str
) -> None:
    async with db.connection(), db.connection():
        pass
    before = await backend(db)
    other = await asyncpg.connect(empty_database_url)
    await other.execute(_OTHERS)
    await other.close()
    async with asyncio.timeout(5):
        while any(map(_lives, db._free)):
            await asyncio.sleep(0.01)
    assert await backend(db) != before
    async with db.connection() as one, db.connection() as two, db.connection() as three:
        for connection in (one, two, three):
            assert await connection.fetchval("SELECT 1") == 1


async def test_a_query_that_was_broken_off_disturbs_nobody(db: Database) -> None:
    for _ in range(4):
        with pytest.raises(Unavailable):
            async with db.connection() as connection, asyncio.timeout(0.05):
                await connection.fetchval("SELECT pg_sleep(5)")
        assert await asyncio.wait_for(backend(db), 2) > 0


@pytest.mark.parametrize(
    ("query", "raised"),
    [
        ("SELECT 1 / 0", asyncpg.DataError),
        ("CREATE TEMP TABLE t (n int CHECK (n > 0)); INSERT INTO t VALUES (0)", asyncpg.CheckViolationError),
        ("SELECT FROM nowhere", StatementFailed),
        ("SET TRANSACTION READ ONLY; CREATE TABLE t (n int)", Unavailable),
        ("SELECT pg_terminate_backend(pg_backend_pid())", Unavailable),
    ],
)
async def test_only_a_fault_of_what_was_asked_is_not_to_be_tried_again(
    db: Database, query: str, raised: type[Exception]
) -> None:
    with pytest.raises(raised):
        async with db.transaction() as connection:
            await connection.execute(query)
    with pytest.raises(asyncpg.DataError):
        async with db.connection() as connection:
            await connection.fetchval("SELECT $1::int", 2**40)


async def test_it_closes_when_the_last_caller_is_done(empty_database_url: str) -> None:
    async with database(empty_database_url, "public", None, max_size=2) as opened:
        async with opened.connection():
            closing = asyncio.create_task(opened.close())
            await asyncio.sleep(0.05)
            assert not closing.done()
        await asyncio.wait_for(closing, 1)


async def test_it_closes_while_connections_are_kept(empty_database_url: str) -> None:
    async with asyncio.timeout(2), database(empty_database_url, "public", None, max_size=2) as opened:
        await backend(opened)
    with pytest.raises(Unavailable):
        await backend(opened)
