"""What one person may store, and what becomes of their messages beyond it."""

import asyncio

import asyncpg
import pytest

from services.threads.config import Config
from services.threads.renewal import renew_log
from services.threads.tests.driver import Service, Start, User, delivered, item
from shared.wire.http import SendMessage
from shared.wire.ids import uuid7
from shared.wire.link import AppendResult

LARGE = "\U0001f600" * 4000
FILLING = 70
"""So many of the large ones are more than a MiB, and fewer than two."""


@pytest.fixture
async def threads(start: Start) -> Service:
    return await start(quota_mb=1)


async def until_full(threads: Service, ann: User, bob: User) -> AppendResult:
    """The first refusal."""
    link = await threads.link()
    async with asyncio.timeout(30):
        while True:
            [result] = await link.append(item(ann, bob, "one more"))
            if result.problem:
                return result
            await asyncio.sleep(0.2)


async def test_beyond_the_quota_messages_are_refused_for_good_and_in_words(
    threads: Service, ann: User, bob: User
) -> None:
    first = item(ann, bob, "the first")
    link = await threads.link()
    [stored] = await link.append(first)
    await threads.say(ann, bob, *[LARGE] * FILLING)
    refused = (await until_full(threads, ann, bob)).problem
    assert refused is not None
    assert (refused.code, refused.status, refused.retry) == ("over-quota", 403, False)
    assert refused.detail == "You have stored 1 MB of messages, the most that one person may keep here"

    again, another, of_bob = await link.append(first, item(ann, bob), item(bob, ann, "mine"))
    assert (delivered(again).seq, again.created) == (delivered(stored).seq, False), (
        "a repeat is answered as ever"
    )
    assert another.problem is not None
    assert another.problem.code == "over-quota"
    assert of_bob.created
    status, problem = await threads.as_user(
        ann, "POST", "/api/threads/bob/messages", SendMessage(uuid7(), "by HTTP")
    )
    assert (status, problem["code"]) == (403, "over-quota")
    status, page = await threads.as_user(ann, "GET", "/api/threads/bob/messages")
    assert (status, page["messages"][-1]["text"]) == (200, "mine"), "reading goes on"


async def test_the_same_client_id_with_another_text_is_still_a_conflict(
    threads: Service, ann: User, bob: User
) -> None:
    id = uuid7()
    link = await threads.link()
    await link.append(item(ann, bob, "a text", id))
    await threads.say(ann, bob, *[LARGE] * FILLING)
    await until_full(threads, ann, bob)
    [result] = await link.append(item(ann, bob, "another", id))
    assert result.problem is not None
    assert result.problem.code == "conflict"


async def test_each_event_is_counted_once(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    sent = item(ann, bob, "é" * 50)
    link = await threads.link()
    for _ in range(3):
        await link.append(sent)
    await link.append(item(ann, bob, '"a move"', kind="move"), item(bob, ann, "b"))
    counted = "SELECT user_id, bytes FROM usage ORDER BY user_id"
    async with asyncio.timeout(5):
        while [tuple(row) for row in await sql.fetch(counted)] != [(ann.id, 508), (bob.id, 201)]:
            await asyncio.sleep(0.05)


async def test_what_was_counted_is_not_counted_again_on_a_server_with_younger_transactions(
    threads: Service, sql: asyncpg.Connection, config: Config, start: Start, ann: User, bob: User
) -> None:
    """As after a restore: ids start over, and the outbox keeps what it told in the last minute."""
    counted = "SELECT bytes FROM usage WHERE user_id = $1"
    await threads.say(ann, bob, "before")
    async with asyncio.timeout(5):
        while await sql.fetchval(counted, ann.id) != 206:
            await asyncio.sleep(0.05)
    await threads.client.close()
    await sql.execute(
        "UPDATE outbox SET xid = '900000000'; UPDATE indexing SET done = '900000001:900000001:'"
    )
    await renew_log(config)
    again = await start()
    await again.say(bob, ann, "after")
    async with asyncio.timeout(5):
        while await sql.fetchval(counted, bob.id) is None:
            await asyncio.sleep(0.05)
    assert await sql.fetchval(counted, ann.id) == 206


async def test_without_a_quota_nothing_is_refused(
    start: Start, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    await sql.execute("INSERT INTO usage VALUES ($1, 1000000000000)", ann.id)
    assert await (await start(quota_mb=0)).say(ann, bob, "on and on") == [1]
