"""Search: one's own messages only, newest first, soon."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from services.threads.config import Config
from services.threads.feed import Feed
from services.threads.indexer import PAUSE_S, Indexer
from services.threads.queries import search
from services.threads.renewal import renew_log
from services.threads.tests.driver import Service, Start, User, item
from shared.testing.pace import slowness


async def find(threads: Service, user: User, q: str, **query: Any) -> list[str]:
    status, answer = await threads.as_user(user, "GET", "/api/search", q=q, **query)
    assert status == 200, answer
    return [message["text"] for message in answer["messages"]]


async def until_found(threads: Service, user: User, q: str, count: int = 1, within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while len(await find(threads, user, q, limit=200)) < count:
            await asyncio.sleep(0.02)


async def test_a_message_is_found_by_both_members_within_two_seconds(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "The Fjord is calm")
    await until_found(threads, ann, "fjord", within_s=2 * slowness())
    _, answer = await threads.as_user(bob, "GET", "/api/search", q="calm fjo")
    [message] = answer["messages"]
    assert (message["thread"], message["sender"], message["seq"], message["text"]) == (
        "ann", "ann", 1, "The Fjord is calm",
    )  # fmt: skip


async def test_a_stranger_finds_nothing_of_others(threads: Service, ann: User, bob: User, eve: User) -> None:
    await threads.say(ann, bob, "secret plan")
    await threads.say(eve, bob, "secret wish")
    await until_found(threads, bob, "secret", count=2)
    assert await find(threads, eve, "secret") == ["secret wish"]
    assert await find(threads, ann, "sec") == ["secret plan"]


async def test_words_that_look_like_the_index_own_find_nothing_of_others(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    await threads.say(ann, bob, "secret plan")
    await threads.say(eve, bob, f"{ann.id}/secret m:{ann.id} t:1 '{ann.id}/secret' {ann.id}/secret:*")
    await until_found(threads, bob, "secret", count=2)
    attempts = [
        f"{ann.id}/secret", f"x | {ann.id}/secret", f"' | {ann.id}/plan", f"{bob.id}/plan:*", "!x", "plan <-> plan",
        "plan:*", "plan) | (plan", "\\", "'", "''", "&", ":*", f"1{bob.id}/", "%", "$1", "plan\x00",
    ]  # fmt: skip
    for attempt in attempts:
        status, answer = await threads.as_user(eve, "GET", "/api/search", q=attempt)
        assert status == 200, attempt
        assert all(
            message["thread"] == "bob" and message["sender"] == "eve" for message in answer["messages"]
        )
    assert len(await find(threads, ann, "secret")) == 1, "eve's text must not enter ann's words"


async def test_with_keeps_to_one_thread(threads: Service, ann: User, bob: User, eve: User) -> None:
    await threads.say(ann, bob, "tea with bob")
    await threads.say(ann, eve, "tea with eve")
    await until_found(threads, ann, "tea", count=2)
    assert await find(threads, ann, "tea", **{"with": "EVE"}) == ["tea with eve"]
    assert await find(threads, eve, "tea", **{"with": "bob"}) == []


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ({}, 422, "?q"),
        ({"q": ""}, 422, "?q"),
        ({"q": "x" * 201}, 422, "?q"),
        ({"q": "x", "cursor": "x"}, 422, "?cursor"),
        ({"q": "x", "cursor": "1~nobody~1"}, 422, "?cursor"),
        ({"q": "x", "cursor": f"{'9' * 17}~ann~1"}, 200, ""),
        ({"q": "x", "limit": 0}, 422, "?limit"),
        ({"q": "x", "with": "ann"}, 404, ""),
        ({"q": "x", "with": "nobody"}, 404, ""),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(
    threads: Service, ann: User, query: dict[str, Any], status: int, pointer: str
) -> None:
    answer = await threads.as_user(ann, "GET", "/api/search", **query)
    assert answer[0] == status
    if pointer:
        assert answer[1]["errors"][0]["pointer"] == pointer


async def test_pages_are_newest_first_and_hold_each_hit_once_though_times_tie(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    link = await threads.link()
    for round_ in range(4):  # one batch is one time for all of its messages
        await link.append(*(item(ann, to, f"tick {round_}-{n}") for n in range(3) for to in (bob, eve)))
    await until_found(threads, ann, "tick", count=24)
    seen: list[tuple[str, str, int]] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"cursor": cursor} if cursor else {}
        _, answer = await threads.as_user(ann, "GET", "/api/search", q="tick", limit=5, **query)
        seen += [(one["sent_at"], one["thread"], one["seq"]) for one in answer["messages"]]
        cursor = answer["next"]
    assert len(seen) == len(set(seen)) == 24
    assert [at for at, _, _ in seen] == sorted((at for at, _, _ in seen), reverse=True)


async def test_other_kinds_are_not_searched(threads: Service, ann: User, bob: User) -> None:
    await (await threads.link()).append(
        item(ann, bob, '"walrus"', kind="game.move"), item(ann, bob, "walrus song")
    )
    await until_found(threads, ann, "walrus")
    assert await find(threads, ann, "walrus") == ["walrus song"]


async def test_a_message_whose_commit_comes_late_is_indexed_all_the_same(
    threads: Service, database_url: str, sql: asyncpg.Connection, ann: User, bob: User, eve: User
) -> None:
    await threads.say(ann, bob, "first")
    late = await asyncpg.connect(database_url, server_settings={"search_path": "threads"})
    transaction = late.transaction()
    await transaction.start()
    await late.execute(
        "SELECT append(ARRAY[$1::bigint], ARRAY[$2::bigint], '{1}', ARRAY[$1], '{message}',"
        " ARRAY[gen_random_uuid()], '{latecomer}')",
        ann.id,
        bob.id,
    )
    await threads.say(ann, eve, *["overtaker"] * 60)  # one transaction more than a round takes at once
    for _ in range(60):
        await threads.say(eve, ann, "overtaker")
    await until_found(threads, ann, "overtaker", count=120)
    await transaction.commit()
    await late.close()
    await until_found(threads, ann, "latecomer")


async def test_behind_an_open_transaction_the_index_goes_on_as_fast_as_ever(
    threads: Service, database_url: str, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "first")
    late = await asyncpg.connect(database_url, server_settings={"search_path": "threads"})
    await late.execute("BEGIN; SELECT pg_current_xact_id()")
    await sql.execute("SET synchronous_commit = off")
    clock, took = asyncio.get_running_loop().time, []
    for indexed in range(801, 4002, 800):
        started = clock()
        await sql.execute(_MANY_BATCHES.format(low=ann.id, high=bob.id, batches=800), timeout=60)
        async with asyncio.timeout(20):
            while await sql.fetchval("SELECT count(*) FROM search") < indexed:
                await asyncio.sleep(0.02)
        took.append(clock() - started)
    await late.close()
    assert min(took[-2:]) < 3 * (max(took[:2]) + PAUSE_S), took  # it may just have begun a pause, or not


_MANY_BATCHES = """
DO $$ BEGIN
    FOR n IN 1..{batches} LOOP
        PERFORM append_one({low}, {high}, {low}, 'message', gen_random_uuid(), 'number ' || n);
        COMMIT;
    END LOOP;
END $$
"""


async def test_more_than_a_round_takes_is_indexed_in_several(threads: Service, ann: User, bob: User) -> None:
    link = await threads.link()
    for number in range(3):
        await link.append(*(item(ann, bob, f"batch{number} {place}") for place in range(250)))
    await threads.say(ann, bob, "last of all")
    await until_found(threads, ann, "all")
    for number in range(3):
        for place in (0, 249):
            assert await find(threads, bob, f"batch{number} {place}") == [f"batch{number} {place}"]


async def test_an_error_of_asyncpgs_own_does_not_end_the_index(
    threads: Service, ann: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, failed = search.claim, asyncio.Event()

    async def fails_once(conn: asyncpg.Connection) -> bool:
        if not failed.is_set():
            failed.set()
            raise asyncpg.InternalClientError("cannot switch to state 15")
        return await claim(conn)

    monkeypatch.setattr(search, "claim", fails_once)
    await asyncio.wait_for(failed.wait(), 5)
    await threads.say(ann, bob, "still found")
    await until_found(threads, ann, "still")


async def test_two_processes_index_everything_once(
    threads: Service, start: Start, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    other = await start()
    for _ in range(10):
        await asyncio.gather(threads.say(ann, bob, "alpha"), other.say(bob, ann, "omega"))
    await until_found(threads, ann, "alpha", count=10)
    await until_found(other, ann, "omega", count=10)
    assert await sql.fetchval("SELECT count(*) FROM search") == 20


async def test_what_was_committed_before_a_crash_is_found_after_it(
    start: Start, database_url: str, ann: User, bob: User
) -> None:
    first = await start()
    sql = await asyncpg.connect(database_url, server_settings={"search_path": "threads"})
    await sql.execute(
        "BEGIN; SELECT pg_advisory_xact_lock(hashtext('duet.threads.indexing'))"
    )  # index nothing
    await first.say(ann, bob, "survivor")
    await first.client.close()
    await sql.close()
    await until_found(await start(), ann, "survivor")


async def test_everything_that_waited_for_the_index_in_a_backup_is_found_on_a_younger_server(
    start: Start, config: Config, database_url: str, ann: User, bob: User
) -> None:
    """More rows and more messages than a round takes; the restore gives all of them one transaction."""
    first = await start()
    sql = await asyncpg.connect(database_url, server_settings={"search_path": "threads"})
    await sql.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('duet.threads.indexing'))")
    for _ in range(110):
        await first.say(ann, bob, "waited")
    await first.say(ann, bob, *["waited"] * 80)
    await first.client.close()
    await sql.execute(
        "UPDATE outbox SET xid = '900000001'; UPDATE indexing SET done = '900000000:900000000:'; COMMIT"
    )
    await sql.close()
    await renew_log(config)
    await until_found(await start(), ann, "waited", count=190)


async def test_an_idle_service_writes_nothing(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await threads.say(ann, bob, "hush")
    await until_found(threads, ann, "hush")
    rounds = Counter[str]()
    beat, index = Feed.beat, Indexer.round

    async def counted_beat(feed: Feed) -> None:
        await beat(feed)
        rounds["feed"] += 1

    async def counted_index(indexer: Indexer) -> bool:
        more = await index(indexer)
        rounds["index"] += 1
        return more

    monkeypatch.setattr(Feed, "beat", counted_beat)
    monkeypatch.setattr(Indexer, "round", counted_index)
    before, now = "", await _next_transaction(sql)
    async with asyncio.timeout(10):
        while before != now:  # two rounds of everything without a transaction that wrote
            before = now
            rounds.clear()
            while min(rounds["feed"], rounds["index"]) < 2:
                await asyncio.sleep(0.02)
            now = await _next_transaction(sql)


async def _next_transaction(sql: asyncpg.Connection) -> str:
    found: str = await sql.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
    return found
