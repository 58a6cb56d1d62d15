"""Two servers, of which one takes writes: programs find it, and leave one that does not any more."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import pytest

from shared.embedded.postgres import PostgresServer
from shared.embedded.running import started
from shared.plumbing.postgres.database import Database, database
from shared.plumbing.postgres.errors import ReadOnlyServer
from shared.testing.clusters import put_cluster
from shared.testing.standbys import REPLICATING, either, following, promote
from shared.wire.problems import Unavailable


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    directory = tmp_path_factory.mktemp("p")
    server = PostgresServer(directory / "data", directory / "socket", durable=False, settings=REPLICATING)
    put_cluster(server.data_dir)
    with started(server):
        server.ensure_database()
        yield server


async def writes(db: Database) -> None:
    async with db.connection() as connection:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS written (at timestamptz); INSERT INTO written VALUES (now())"
        )


def written(server: PostgresServer) -> int:
    return int(server.execute("select count(*) from written", "duet"))


async def until_it_writes(db: Database) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(Unavailable):
                return await writes(db)
            await asyncio.sleep(0.02)


async def test_a_server_that_became_read_only_is_left_and_readiness_says_so(primary: PostgresServer) -> None:
    async with database(primary.dsn(), "public", None) as db:
        await writes(db)
        assert await db.check() == "ok"
        primary.execute("alter database duet set default_transaction_read_only = on")
        await db.reconnect()
        with pytest.raises(ReadOnlyServer):
            await db.check()
        with pytest.raises(ReadOnlyServer):
            await writes(db)
        primary.execute("alter database duet reset default_transaction_read_only")
        await until_it_writes(db)
        assert await db.check() == "ok"


async def test_a_connection_that_may_not_write_is_not_used_again(primary: PostgresServer) -> None:
    async with database(primary.dsn(), "public", None, max_size=2) as db:
        async with db.connection() as one, db.connection() as two:
            for connection in (one, two):
                await connection.execute("SET default_transaction_read_only = on")
        with pytest.raises(ReadOnlyServer):
            await writes(db)
        await writes(db)


async def test_of_two_servers_the_one_that_takes_writes_is_found_and_after_a_failover_the_other(
    primary: PostgresServer, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        standby = stack.enter_context(following(primary, tmp_path / "standby"))
        with pytest.raises(asyncpg.TargetServerAttributeNotMatched):
            async with database(standby.dsn(), "public", None, patience_s=0):
                pass
        async with database(either(standby, primary), "public", None) as db:
            await writes(db)
            assert await db.check() == "ok"
            primary.execute("alter system set default_transaction_read_only = on")
            primary.execute("select pg_reload_conf()")
            promote(standby)
            await until_it_writes(db)
            assert written(standby) > written(primary)
