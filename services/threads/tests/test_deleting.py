"""Deleting deletes: no table of the database holds a deleted text, whatever was done with it and whoever is behind."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from services.threads.queries import search, usage
from services.threads.tests.driver import Service, User, change, item
from services.threads.tests.test_search import find, until_found
from services.threads.words import document

_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE (c.relkind IN ('r', 'm', 'p') OR c.relname = 'pg_stats') AND c.relname <> 'pg_proc'
    AND has_table_privilege(c.oid, 'SELECT')
"""
SECRET, EDITED, AGAIN = "quixotic", "zephyrous", "mnemonic"
LONG = " ".join([AGAIN] * 400)


async def dump(sql: asyncpg.Connection) -> str:
    """Every table of the database, PostgreSQL's own too, and its samples of what was analysed."""
    tables = [name for (name,) in await sql.fetch(_TABLES)]
    rows = [row for name in tables for (row,) in await sql.fetch(f"SELECT t::text FROM {name} AS t")]  # noqa: S608
    return "\n".join(rows).lower()


def left(dumped: str) -> list[str]:
    return [text for text in (SECRET, EDITED, AGAIN) if text in dumped]


async def _write(threads: Service, ann: User, bob: User) -> None:
    """More than samples leave out; the secret ones are edited, quoted, reacted to, unread, the last."""
    link = await threads.link()
    await link.append(*(item(ann, bob, f"{SECRET} {number} {number % 3}") for number in range(40)))
    await link.append(
        item(bob, ann, "as you say", reply_to=7), change(bob, ann, "reaction", 7, emoji="\u2764")
    )
    await link.append(*(change(ann, bob, "edit", seq, text=f"{EDITED} {seq}") for seq in range(1, 41)))
    await link.append(*(change(ann, bob, "edit", seq, text=LONG) for seq in range(1, 21)))
    await link.append(item(ann, bob, f"the last {SECRET}"))
    await threads.do(ann, bob, "edit", target=103, text=f"the very last {EDITED}")


async def _delete(threads: Service, ann: User, bob: User) -> None:
    results = await (await threads.link()).append(
        *(change(ann, bob, "delete", seq) for seq in [*range(1, 41), 103])
    )
    assert all(result.created for result in results)


@pytest.fixture
async def indexer_held(threads: Service, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that keeps the index from going on until it is closed."""
    holding = await asyncpg.connect(database_url, server_settings={"search_path": "threads"})
    await holding.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('duet.threads.indexing'))")
    yield holding
    await holding.close()


async def test_a_deleted_text_is_nowhere_in_the_database(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    await _write(threads, ann, bob)
    await until_found(threads, bob, EDITED, count=21)
    await until_found(threads, bob, AGAIN, count=20)
    assert await find(threads, bob, SECRET) == []
    await sql.execute("ANALYZE")
    assert left(await dump(sql)) == [SECRET, EDITED, AGAIN]
    await _delete(threads, ann, bob)
    assert left(await dump(sql)) == []
    await threads.say(bob, ann, "afterwards")
    await until_found(threads, ann, "afterwards")
    assert left(await dump(sql)) == []
    page = await threads.page(bob, ann, around=7, limit=200)
    assert all(("text" in one) == (one["seq"] in (41, 146)) for one in page["messages"]), page
    for seq in (7, 103):
        status, _ = await threads.as_user(ann, "GET", f"/api/threads/bob/messages/{seq}/history")
        assert status == 410


async def test_nor_where_the_index_is_behind(
    threads: Service, indexer_held: asyncpg.Connection, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    await _write(threads, ann, bob)
    await _delete(threads, ann, bob)
    assert left(await dump(sql)) == []
    await threads.say(bob, ann, "afterwards")
    await indexer_held.close()
    await until_found(threads, ann, "afterwards")
    assert left(await dump(sql)) == []
    assert await find(threads, bob, "last") == await find(threads, bob, SECRET) == []


async def test_nor_where_the_index_had_just_read_it(
    threads: Service, indexer_held: asyncpg.Connection, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, f"one {SECRET}", f"two {SECRET}", f"three {SECRET}")
    [thread] = await sql.fetchrow("SELECT id FROM threads")
    read = await search.messages(indexer_held, [(thread, ann.id, bob.id, 1, 3)])
    documents = [document(one.text, one.low, one.high) for one in read]
    await threads.do(ann, bob, "delete", target=1)
    async with sql.transaction():  # one that is being deleted is not waited for
        await sql.execute(_DELETE, ann.id, bob.id, 2)
        with pytest.raises(search.BeingDeleted):
            await asyncio.wait_for(search.add(indexer_held, read, documents), 5)
    waiting = asyncio.create_task(threads.do(ann, bob, "delete", target=3))
    async with asyncio.timeout(5):
        while not await sql.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
    await indexer_held.execute("COMMIT")
    assert (await waiting)[0] == 201
    assert left(await dump(sql)) == []


async def test_a_message_whose_deletion_comes_to_nothing_is_found_all_the_same(
    threads: Service,
    indexer_held: asyncpg.Connection,
    sql: asyncpg.Connection,
    ann: User,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add, tried = search.add, asyncio.Event()

    async def watched(*asked: Any) -> None:
        try:
            await add(*asked)
        finally:
            tried.set()

    monkeypatch.setattr(search, "add", watched)
    await threads.say(ann, bob, f"one {SECRET}", f"two {SECRET}")
    deleting = sql.transaction()
    await deleting.start()
    await sql.execute(_DELETE, ann.id, bob.id, 1)
    await indexer_held.close()
    await asyncio.wait_for(tried.wait(), 5)
    await deleting.rollback()
    await until_found(threads, bob, SECRET, count=2)


async def test_a_deletion_does_not_wait_for_the_rest_of_what_the_index_takes_in(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, counting, go_on = usage.count, asyncio.Event(), asyncio.Event()

    async def held(*asked: Any) -> None:
        counting.set()
        await go_on.wait()
        await count(*asked)

    monkeypatch.setattr(usage, "count", held)
    await threads.say(ann, bob, f"one {SECRET}")
    await asyncio.wait_for(counting.wait(), 5)
    try:
        status, _ = await asyncio.wait_for(threads.do(ann, bob, "delete", target=1), 5)
        assert (status, left(await dump(sql))) == (201, [])
    finally:
        go_on.set()


_DELETE = """
SELECT append_each(
    ARRAY[$1::bigint], ARRAY[$2::bigint], '{1}', ARRAY[$1], '{delete}', ARRAY[gen_random_uuid()],
    ARRAY[format('{"target":%s}', $3::bigint)], ARRAY[$3], 50, '{NULL}'
)
"""


async def test_deleting_gives_back_what_the_texts_counted_for(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    """Counted before the deletion, or after it: all events, 200 bytes each, and the texts that are left."""
    link = await threads.link()
    await threads.say(ann, bob, "é" * 500, "left")
    await threads.do(ann, bob, "edit", target=1, text="x" * 900)
    await _until_counted(sql, ann, 1000 + 4 + len('{"target":1,"text":""}') + 900 + 3 * 200)
    await link.append(change(ann, bob, "edit", 1, text="y" * 50), change(ann, bob, "delete", 1))
    await threads.do(bob, ann, "reaction", target=2, emoji=None)
    await threads.say(ann, bob, "z" * 700)
    await threads.do(ann, bob, "delete", target=7)
    await _until_counted(sql, ann, 4 + 4 * len('{"target":1}') + 7 * 200)


async def _until_counted(sql: asyncpg.Connection, user: User, size: int) -> None:
    async with asyncio.timeout(5):
        while (counted := await sql.fetchval("SELECT bytes FROM usage WHERE user_id = $1", user.id)) != size:
            await asyncio.sleep(0.05)
    assert counted == size
