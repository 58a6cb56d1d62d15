"""The log through PgBouncer, where each transaction may get another session of the server's."""

import asyncio
from typing import Any

import asyncpg
import pytest

from services.threads.app import MIGRATIONS, SESSION_SETTINGS
from services.threads.tests.driver import Service, Start, User, delivered, item
from shared.plumbing.postgres.database import PooledDatabase, database
from shared.testing.pooler import Pooler
from shared.wire.link import Beat

pytestmark = pytest.mark.usefixtures("one_server", "pooled")

_SESSIONS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'duet-%' AND pid <> pg_backend_pid()
"""


async def test_what_many_send_at_once_through_two_processes_is_stored_once_and_found(
    start: Start, sql: asyncpg.Connection, ann: User, bob: User, eve: User
) -> None:
    first, second = await start(), await start()
    links = [await first.link("relay-1"), await second.link("relay-2")]
    sent = [
        item(sender, to, f"word{n}") for n in range(12) for sender, to in ((ann, bob), (bob, eve), (eve, ann))
    ]

    async def say(link: Any) -> list[Any]:
        alone = [await link.append(one) for one in sent[:9]]
        return [result for results in (*alone, await link.append(*sent[9:])) for result in results]

    told = await asyncio.gather(*map(say, links))
    assert sum(result.created for results in told for result in results) == len(sent)
    for one, other in zip(*told, strict=True):
        assert delivered(one).seq == delivered(other).seq
    assert (await first.page(ann, bob))["head"] == 12
    assert (await second.as_user(ann, "GET", "/api/threads/eve/events", after=0))[1]["head"] == 12
    state = {"draft": {"text": "more"}, "revision": 0}
    assert (await first.as_user(ann, "PATCH", "/api/threads/bob/state", state))[0] == 200
    assert len((await second.as_user(ann, "GET", "/api/threads"))[1]["threads"]) == 2
    assert (await first.do(ann, bob, "edit", target=1, text="edited"))[0] == 201
    for link in links:
        while not {head.head for head in (await link.receive(Beat)).heads} & {12, 13}:
            pass
    while not (await second.as_user(bob, "GET", "/api/search", q="edited"))[1]["messages"]:
        await asyncio.sleep(0.02)
    assert 1 < len(await sql.fetch(_SESSIONS)) <= 3


async def test_a_repeat_harms_nothing_that_is_stored_with_it(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    known, link = item(ann, bob, "known"), await threads.link()
    await link.append(known)
    again, new = await link.append(known, item(ann, eve, "new"))
    assert (again.created, new.created) == (False, True)
    [reply] = await link.append(asked := item(bob, ann, "an answer", reply_to=1))
    [repeat] = await link.append(asked)
    assert (reply.created, repeat.created, delivered(repeat).seq) == (True, False, 2)


async def test_every_transaction_has_the_settings_and_none_is_left_behind(
    threads: Service, database_url: str, pooler: Pooler
) -> None:
    names = ("search_path", "synchronous_commit", "client_connection_check_interval", *SESSION_SETTINGS)
    ask = "SELECT pg_backend_pid()::text" + "".join(f", current_setting('{name}')" for name in names)
    async with database(database_url, "threads", MIGRATIONS, settings=SESSION_SETTINGS) as db:
        assert isinstance(db, PooledDatabase)

        async def told() -> tuple[str, ...]:
            async with db.connection() as conn:
                found = await conn.fetchrow(ask)
                await conn.execute("SELECT pg_sleep(0.01)")
                return tuple(found)

        answers = await asyncio.gather(*(told() for _ in range(9)))
    wanted = ("threads", "on", "1s", *SESSION_SETTINGS.values())
    assert {found[1:] for found in answers} == {wanted}
    assert len({pid for pid, *_ in answers}) > 1
    plain = await asyncpg.connect(pooler.dsn(database_url), statement_cache_size=0)
    async with plain.transaction():
        assert await plain.fetchval("SHOW enable_seqscan") == "on"
    await plain.close()


async def test_a_transaction_on_another_server_finds_that_the_log_is_another_one(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    """A pooler changes the server under a connection that lasts. The row tells it as a promoted standby would."""
    link = await threads.link()
    await link.append(item(ann, bob))
    before = (await link.receive(Beat)).log
    await sql.execute("UPDATE settings SET server = '1/00000001'")
    await link.ask(item(ann, bob))
    async with asyncio.timeout(20):
        while (after := (await link.receive(Beat)).log) == before:
            pass
    assert after == await sql.fetchval("SELECT log::text FROM settings")
    [result] = await link.append(item(ann, bob))
    assert delivered(result).seq >= 2
