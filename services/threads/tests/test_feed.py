"""The heads feed: complete whatever commits when, and small."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import asyncpg
import pytest

from services.threads.app import MIGRATIONS
from services.threads.feed import Feed
from services.threads.queries import appends
from services.threads.queries.appends import Row
from services.threads.shards import one_shard
from services.threads.tests.driver import Link, Service, Start, User, item
from shared.embedded.postgres import PostgresServer
from shared.embedded.running import started
from shared.plumbing.postgres.database import Database, database
from shared.plumbing.tasks import Tasks
from shared.testing.pace import slowness
from shared.wire.ids import uuid7
from shared.wire.link import Beat
from shared.wire.log import Head
from shared.wire.problems import Unavailable

APPEND = (
    "SELECT thread_id FROM append(ARRAY[$1::bigint], ARRAY[$2::bigint], '{1}', ARRAY[$1], '{message}',"
    " ARRAY[gen_random_uuid()], '{text}')"
)


async def heads(link: Link) -> list[Head]:
    """Those of the next beat."""
    return (await link.receive(Beat)).heads


async def beats_until_rows_are_gone(db: Database, sql: asyncpg.Connection) -> None:
    feed = Feed(one_shard(db), keep_s=0.5)
    await feed.begin()
    async with asyncio.timeout(5):
        while await sql.fetchval("SELECT count(*) FROM outbox"):
            await feed.beat()
            await asyncio.sleep(0.1)


async def next_heads(link: Link) -> list[Head]:
    """Those of the next beat that has any."""
    while not (found := await heads(link)):
        pass
    return found


class Listener:
    """A link that only listens: what Feed tells it."""

    def __init__(self) -> None:
        self.beats: list[list[Head]] = []
        self.missed: list[bool] = []

    def beat(self, heads: list[Head], *, missed: bool = False, log: str = "") -> None:
        self.beats.append(heads)
        self.missed.append(missed)


async def test_a_beat_comes_every_second_though_nothing_rose(threads: Service) -> None:
    link = await threads.link()
    started = asyncio.get_running_loop().time()
    assert [await heads(link) for _ in range(3)] == [[], [], []]
    assert asyncio.get_running_loop().time() - started < 4 * slowness()


async def test_a_beat_holds_each_thread_that_rose_once_at_its_head(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    link = await threads.link()
    await link.append(item(ann, bob), item(ann, bob), item(eve, ann))
    await link.append(item(bob, ann))
    rose = {(head.low, head.high): head.head for head in await next_heads(link)}
    while rose.get((ann.id, bob.id)) != 3 or (ann.id, eve.id) not in rose:
        rose |= {(head.low, head.high): head.head for head in await next_heads(link)}
    assert rose == {(ann.id, bob.id): 3, (ann.id, eve.id): 1}


async def test_what_another_process_appends_comes_with_the_beat(
    threads: Service, start: Start, ann: User, bob: User
) -> None:
    link = await threads.link()
    await heads(link)
    await (await start()).say(ann, bob, "elsewhere")
    [head] = await next_heads(link)
    assert (head.low, head.high, head.head) == (ann.id, bob.id, 1)


async def test_a_repeated_client_id_raises_nothing(threads: Service, ann: User, bob: User) -> None:
    link, sent = await threads.link(), item(ann, bob)
    await link.append(sent)
    await next_heads(link)
    await link.append(sent)
    assert await heads(link) == []


async def test_a_commit_that_comes_late_is_never_skipped(
    threads: Service, database_url: str, sql: asyncpg.Connection, ann: User, bob: User, eve: User
) -> None:
    await threads.say(ann, bob, "first")
    await threads.say(ann, eve, "first")
    async with database(database_url, "threads", None) as db:
        feed, listener = Feed(one_shard(db)), Listener()
        feed.audience.join(listener)  # type: ignore[arg-type]
        await feed.begin()
        await feed.beat()
        slow = sql.transaction()
        await slow.start()
        await sql.execute(APPEND, ann.id, bob.id)  # has its transaction id, and does not commit
        await threads.say(ann, eve, "second")  # a later transaction, which commits
        await feed.beat()
        await feed.beat()
        await slow.commit()
        await feed.beat()
        await feed.beat()
    told = [[(head.high, head.head) for head in beat] for beat in listener.beats]
    assert told == [[], [(eve.id, 2)], [], [(bob.id, 2)], []]


@pytest.mark.usefixtures("one_server")
async def test_what_is_committed_before_the_first_beat_is_in_it(
    threads: Service, database_url: str, ann: User, bob: User
) -> None:
    """A link may be served while the first beat is late, or fails."""
    async with database(database_url, "threads", None) as db:
        feed, listener = Feed(one_shard(db)), Listener()
        feed.audience.join(listener)  # type: ignore[arg-type]
        await feed.begin()
        await threads.say(ann, bob, "early")
        await feed.beat()
    assert [[head.head for head in beat] for beat in listener.beats] == [[1]]


async def test_rows_go_once_they_are_old_indexed_and_told(
    threads: Service, database_url: str, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "old")
    async with database(database_url, "threads", None) as db:
        await beats_until_rows_are_gone(db, sql)
    assert await sql.fetchval("SELECT count(*) FROM search") == 1


async def test_rows_go_though_one_transaction_stays_open(
    threads: Service, database_url: str, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    async with sql.transaction(), database(database_url, "threads", None) as db:
        await sql.execute("SELECT pg_current_xact_id()")
        await threads.say(ann, bob, "gone all the same")
        await beats_until_rows_are_gone(db, sql)


async def test_a_row_that_the_search_index_has_yet_to_read_stays(database_url: str) -> None:
    """It was not committed when the index saw what came after it."""
    async with database(database_url, "threads", MIGRATIONS) as db:
        async with db.connection() as conn:
            await appends.make_threads(conn, [(11, 12)])
            await appends.append(conn, [Row((11, 12), 11, "message", uuid7(), "late")])
            await conn.execute(
                "UPDATE indexing SET done = (SELECT format('%1$s:%2$s:%1$s', xid,"
                " pg_snapshot_xmax(pg_current_snapshot())) FROM outbox)::pg_snapshot"
            )
        feed = Feed(one_shard(db), keep_s=0)
        await feed.begin()
        await feed.beat()
        async with db.connection() as conn:
            assert await conn.fetchval("SELECT count(*) FROM outbox") == 1


async def test_after_a_crash_of_postgres_all_heads_are_compared(tmp_path: Path) -> None:
    """Transaction ids that left no trace on the disk are given out again, and the last moment has seen them."""
    server, listener = PostgresServer(tmp_path / "postgres", tmp_path / "socket", durable=False), Listener()
    async with AsyncExitStack() as stack:
        with started(server):
            server.ensure_database()
            db = await stack.enter_async_context(database(server.dsn(), "threads", MIGRATIONS))
            feed = Feed(one_shard(db))
            feed.audience.join(listener)  # type: ignore[arg-type]
            await feed.begin()
            writer = int(server.execute("select pid from pg_stat_activity where backend_type = 'walwriter'"))
            os.kill(writer, signal.SIGSTOP)  # it would bring the traces of a rollback to the disk
            async with db.connection() as conn:
                for _ in range(100):
                    await conn.execute("BEGIN; SELECT pg_current_xact_id(); ROLLBACK")
            await feed.beat()
            os.kill(server.running_pid() or 0, signal.SIGQUIT)
            os.kill(writer, signal.SIGKILL)  # continued, it could write them before it is told to end
        with started(server):
            while True:  # until the last connection to the server that is gone has been noticed
                with suppress(Unavailable):
                    await db.check()
                    break
            async with db.connection() as conn:
                await appends.make_threads(conn, [(11, 12)])
                await appends.append(conn, [Row((11, 12), 11, "message", uuid7(), "after the crash")])
            await feed.beat()
            await feed.beat()
    assert listener.beats == [[], [], []], "what a beat cannot tell has to be compared"
    assert listener.missed == [False, True, False]


async def test_a_link_that_is_not_read_keeps_nobody_waiting(threads: Service, ann: User, bob: User) -> None:
    stuck, link = await threads.link("relay-2"), await threads.link()
    texts = [item(ann, bob, "\U0001f600" * 4000) for _ in range(128)]
    await link.append(*texts)
    stuck.socket.hold()

    async def flood() -> None:
        while True:  # repeats: 4 MB of answers each, which nobody takes, until nothing more is read either
            await stuck.begin(*texts)

    limit_s = 2 * slowness()
    tasks = Tasks()
    flooding = tasks.start(flood())
    before = asyncio.get_running_loop().time()
    await link.append(item(bob, ann, "still here"))
    assert asyncio.get_running_loop().time() - before < limit_s
    assert await next_heads(link)
    assert not flooding.done()
    await tasks.close()
    stuck.socket.abort()
