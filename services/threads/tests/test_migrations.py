"""Data of earlier versions, migrated."""

import asyncio
import shutil
from pathlib import Path

import asyncpg
import pytest

from services.threads.app import MIGRATIONS
from services.threads.tests.driver import Start, User, change, code, delivered, item
from services.threads.tests.test_search import find, until_found
from shared.plumbing.postgres.migrations import migrate, numbered
from shared.wire.ids import uuid7


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    return empty_database_url


async def _at(database_url: str, version: int, directory: Path) -> asyncpg.Connection:
    """A database as that version left it."""
    directory.mkdir()
    for number, path in numbered(MIGRATIONS).items():
        if number <= version:
            shutil.copy(path, directory)
    await migrate(database_url, "threads", directory)
    return await asyncpg.connect(database_url, server_settings={"search_path": "threads"})


async def _say(sql: asyncpg.Connection, ann: User, bob: User, text: str) -> None:
    await sql.execute("SELECT append_one($1, $2, $1, 'message', gen_random_uuid(), $3)", ann.id, bob.id, text)


@pytest.mark.parametrize("done", ["before the first", "between the two"])
async def test_the_index_goes_on_from_a_watermark_of_version_5(
    start: Start, database_url: str, tmp_path: Path, ann: User, bob: User, done: str
) -> None:
    sql = await _at(database_url, 5, tmp_path / "migrations")
    await sql.execute("INSERT INTO threads (low, high) VALUES ($1, $2)", ann.id, bob.id)
    await _say(sql, ann, bob, "waiting one")
    if done == "between the two":
        await sql.execute("UPDATE indexing SET done = pg_snapshot_xmax(pg_current_snapshot())")
    await _say(sql, ann, bob, "waiting two")
    await sql.close()
    threads = await start()
    await until_found(threads, ann, "waiting", count=1 if done == "between the two" else 2, within_s=5)


async def test_words_of_an_earlier_form_are_written_anew(
    start: Start, database_url: str, tmp_path: Path, ann: User, bob: User
) -> None:
    """More of them than are renewed at once."""
    sql = await _at(database_url, 6, tmp_path / "migrations")
    await sql.execute("INSERT INTO threads (low, high) VALUES ($1, $2)", ann.id, bob.id)
    for number in range(150):
        await _say(sql, ann, bob, f"東京 Łódź {number}")
    await sql.execute(
        "INSERT INTO search SELECT thread_id, seq, created_at, to_tsvector('simple', '11/東 11/łódź') FROM events"
    )
    await sql.execute("UPDATE indexing SET done = pg_current_snapshot()")
    await sql.close()
    threads = await start()
    await until_found(threads, ann, "東京 lodz", count=150, within_s=10)
    assert await find(threads, ann, "149") == ["東京 Łódź 149"]


@pytest.mark.parametrize("indexed", [True, False])
async def test_what_was_stored_before_is_counted_once(
    start: Start, database_url: str, tmp_path: Path, ann: User, bob: User, indexed: bool
) -> None:
    """indexed: before the new version comes, which otherwise does it."""
    sql = await _at(database_url, 7, tmp_path / "migrations")
    await sql.execute("INSERT INTO threads (low, high) VALUES ($1, $2)", ann.id, bob.id)
    for _ in range(3):
        await _say(sql, ann, bob, "é" * 400)
    if indexed:
        await sql.execute("UPDATE indexing SET done = pg_current_snapshot()")
    threads = await start()
    await threads.say(bob, ann, "the last")
    counted = "SELECT bytes FROM usage WHERE user_id = $1"
    async with asyncio.timeout(5):
        while await sql.fetchval(counted, bob.id) is None:
            await asyncio.sleep(0.05)
    assert await sql.fetchval(counted, ann.id) == 3000
    await sql.close()


async def test_messages_of_version_8_can_be_changed_and_their_repeats_are_known(
    start: Start, database_url: str, tmp_path: Path, ann: User, bob: User
) -> None:
    """Nothing is written anew, and what PostgreSQL had sampled of their texts is forgotten."""
    sql = await _at(database_url, 8, tmp_path / "migrations")
    await sql.execute("INSERT INTO threads (low, high) VALUES ($1, $2)", ann.id, bob.id)
    for number in range(20):
        await _say(sql, ann, bob, f"sampled {number % 2}")
    sent = item(ann, bob, "known", uuid7())
    await sql.execute("SELECT append_one($1, $2, $1, 'message', $3, 'known')", ann.id, bob.id, sent.client_id)
    await sql.execute("ANALYZE")
    sampled = "SELECT count(*) FROM pg_stats WHERE schemaname = 'threads' AND pg_stats::text LIKE '%sampled%'"
    files = "SELECT pg_relation_filenode(name) FROM unnest('{events,search}'::regclass[]) AS name"
    assert await sql.fetchval(sampled) == 1
    before = await sql.fetch(files)
    threads = await start()
    assert await sql.fetchval(sampled) == 0
    assert await sql.fetch(files) == before
    link = await threads.link()
    again, other = await link.append(sent, item(ann, bob, "other"))
    assert (delivered(again).seq, again.created, delivered(other).seq) == (21, False, 22)
    edit, reply, refused = await link.append(
        change(ann, bob, "edit", 3, text="today's"),
        item(bob, ann, "re", reply_to=3),
        change(bob, ann, "delete", 3),
    )
    assert (edit.created, reply.created, code(refused)[0]) == (True, True, "not-yours")
    await until_found(threads, bob, "today", within_s=5)
    await threads.do(ann, bob, "delete", target=21)
    [again] = await link.append(sent)
    assert (delivered(again).seq, again.created) == (21, False)
    await sql.close()
