"""The log for programs: every committed event at least once, whatever commits when and whoever dies."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec
import pytest

from services.threads.config import Config
from services.threads.feed import Feed
from services.threads.renewal import renew_log
from services.threads.shards import one_shard
from services.threads.tests.driver import Service, Start, User, change, item
from services.threads.tests.test_feed import APPEND, beats_until_rows_are_gone
from shared.plumbing.postgres.database import database
from shared.testing.fake_media import FakeMedia
from shared.wire import codec
from shared.wire.attachments import NamedAttachment
from shared.wire.link import AppendBatch
from shared.wire.log_calls import AppendedItems, LogAfter, LogPage


async def test_a_program_may_ask_for_links_and_edits_besides_of_anybody(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    beginning = await begin(threads)
    await threads.say(ann, bob, "no link", "see https://a.example", "nor here")
    await threads.do(ann, bob, "edit", target=2, text="without it")
    await threads.do(ann, bob, "delete", target=3)
    await threads.say(bob, eve, "to Eve")
    headers = threads.tokens.program("notify")

    async def seqs(**asked: Any) -> tuple[list[tuple[str, int]], int]:
        _, answer = await threads.call(
            "POST", "/internal/log", LogAfter(beginning, 2000, **asked), headers=headers
        )
        found = codec.decode(codec.encode(answer), LogPage)
        return sorted(told(found)), found.looked_through

    assert await seqs(about=[], links=True) == ([("bob", 2), ("bob", 4)], 6)
    assert await seqs(about=[eve.id], links=True) == ([("bob", 2), ("bob", 4), ("eve", 1)], 6)
    assert await seqs(about=[], links=False) == ([], 6)
    at_most = LogAfter(beginning, 200, links=True)
    _, everything = await threads.call("POST", "/internal/log", at_most, headers=headers)
    assert len(everything["events"]) == 6


async def ask(threads: Service, after: str, limit: int = 200, program: str = "notify") -> tuple[int, Any]:
    headers = threads.tokens.program(program)
    return await threads.call("POST", "/internal/log", LogAfter(after, limit), headers=headers)


async def page(threads: Service, after: str, limit: int = 200, program: str = "notify") -> LogPage:
    status, answer = await ask(threads, after, limit, program)
    assert status == 200, answer
    return codec.decode(codec.encode(answer), LogPage)


async def begin(threads: Service, program: str = "notify") -> str:
    first = await page(threads, "", program=program)
    assert (first.events, first.more, first.missed) == ([], False, False)
    return first.next


def told(found: LogPage) -> list[tuple[str, int]]:
    return [(event.high_name, event.seq) for event in found.events]


async def outbox_rows(sql: asyncpg.Connection) -> int:
    count: int = await sql.fetchval("SELECT count(*) FROM outbox")
    return count


async def test_a_program_may_ask_for_some_people_and_for_what_is_about_files(
    start: Start, media: FakeMedia, ann: User, bob: User, eve: User
) -> None:
    threads = await start(media_url=media.url)
    beginning = await begin(threads)
    await threads.say(ann, bob, "to Bob")
    await threads.say(ann, eve, "to Eve")
    photo = msgspec.structs.replace(item(eve, ann, ""), attachments=[NamedAttachment(media.add(eve.id))])
    link = await threads.link()
    sent = await threads.as_relay("/internal/append", AppendBatch(0, "relay-1", [photo]), AppendedItems)
    assert sent.results[0].problem is None
    headers = threads.tokens.program("notify")

    async def seqs(**asked: Any) -> tuple[list[tuple[str, int]], str]:
        _, answer = await threads.call(
            "POST", "/internal/log", LogAfter(beginning, 2000, **asked), headers=headers
        )
        found = codec.decode(codec.encode(answer), LogPage)
        return sorted(told(found)), found.next

    everything, end = await seqs(about=[ann.id])
    assert everything == [("bob", 1), ("eve", 1), ("eve", 2)]
    assert await seqs(about=[bob.id]) == ([("bob", 1)], end)
    assert await seqs(about=[]) == ([], end)
    assert await seqs(files=True) == ([("eve", 2)], end)
    await link.append(change(eve, ann, "delete", 2))
    assert (await seqs(files=True))[0] == [("eve", 3)], "what is deleted names no files any more"
    for body in (
        LogAfter(beginning, 2001, files=True),
        LogAfter(beginning, 201),
        LogAfter(beginning, 9, [1] * 1001),
    ):
        assert (await threads.call("POST", "/internal/log", body, headers=headers))[0] == 422


async def test_a_program_reads_each_event_of_all_threads_with_what_it_is(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    await threads.say(ann, bob, "before anybody asked")
    start = await begin(threads)
    link = await threads.link()
    await link.append(item(bob, ann, "hello"), item(eve, ann, "hi"))
    await link.append(item(ann, bob, "yes", reply_to=2), change(ann, bob, "reaction", 2, emoji="👍"))
    found = await page(threads, start)
    said = [
        (event.seq, event.low_name, event.high_name, event.kind, event.sender, event.body, event.target)
        for event in sorted(found.events, key=lambda event: (event.high_name, event.seq))
    ]
    assert said == [
        (2, "ann", "bob", "message", bob.id, "hello", None),
        (3, "ann", "bob", "message", ann.id, "yes", 2),
        (4, "ann", "bob", "reaction", ann.id, '{"target":2,"emoji":"👍"}', 2),
        (1, "ann", "eve", "message", eve.id, "hi", None),
    ]
    first = found.events[0]
    assert (first.low, first.high) == (ann.id, bob.id)
    assert abs((datetime.now(UTC) - first.created_at).total_seconds()) < 60
    assert (await page(threads, found.next)).events == []


async def test_a_page_that_was_not_done_with_comes_again(threads: Service, ann: User, bob: User) -> None:
    start = await begin(threads)
    await threads.say(ann, bob, "one", "two")
    assert told(await page(threads, start)) == told(await page(threads, start)) == [("bob", 1), ("bob", 2)]
    assert told(await page(threads, "")) == [("bob", 1), ("bob", 2)], "who lost the position goes on from it"


async def test_a_commit_that_comes_late_is_never_skipped(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User, eve: User
) -> None:
    await threads.say(ann, bob, "first")
    await threads.say(ann, eve, "first")
    at = await begin(threads)
    slow = sql.transaction()
    await slow.start()
    await sql.execute(APPEND, ann.id, bob.id)  # has its transaction id, and does not commit
    await threads.say(ann, eve, "second")  # a later transaction, which commits
    found = await page(threads, at)
    assert told(found) == [("eve", 2)]
    assert told(again := await page(threads, found.next)) == []
    await slow.commit()
    assert told(late := await page(threads, again.next)) == [("bob", 2)]
    assert told(await page(threads, late.next)) == []


@pytest.mark.usefixtures("one_server")
async def test_pages_end_between_transactions(threads: Service, ann: User, bob: User, eve: User) -> None:
    at = await begin(threads)
    await threads.say(ann, bob, "1", "2", "3")
    await threads.say(ann, eve, "1")
    await threads.say(ann, bob, "4")
    pages = []
    while True:
        found = await page(threads, at, limit=2)
        pages.append(told(found))
        at = found.next
        if not found.more:
            break
    assert pages == [[("bob", 1), ("bob", 2), ("bob", 3)], [("eve", 1), ("bob", 4)]]


async def test_a_position_sees_no_transaction_that_a_crash_could_give_out_again(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    """Those after the last one that was read have perhaps left no trace on the disk."""
    at = await begin(threads)
    await threads.say(ann, bob, "the last that is written down")
    last = int(await sql.fetchval("SELECT max(xid)::text FROM outbox"))
    for _ in range(5):
        await sql.execute("BEGIN; SELECT pg_current_xact_id(); ROLLBACK")
    found = await page(threads, at)
    assert found.next.split(":")[-2] == str(last + 1)
    assert (await page(threads, found.next)).next == found.next


async def test_what_a_program_has_yet_to_read_stays(
    threads: Service, database_url: str, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    notify, media = await begin(threads), await begin(threads, "media")
    await threads.say(ann, bob, "kept")
    media = (await page(threads, media, program="media")).next
    await page(threads, media, program="media")
    async with database(database_url, "threads", None) as db:
        feed = Feed(one_shard(db), keep_s=0)
        await feed.begin()
        for _ in range(3):
            await feed.beat()
        assert await outbox_rows(sql) == 1
        found = await page(threads, notify)
        assert (told(found), found.missed) == ([("bob", 1)], False)
        await page(threads, found.next)
        await beats_until_rows_are_gone(db, sql)


async def test_what_is_older_than_a_day_goes_and_that_is_said_until_it_was_heard(
    threads: Service, database_url: str, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    at = await begin(threads)
    await threads.say(ann, bob, "too old to be told")
    await sql.execute("UPDATE outbox SET created_at = created_at - interval '25 hours'")
    await threads.say(ann, bob, "new")
    async with database(database_url, "threads", None) as db:
        feed = Feed(one_shard(db), keep_s=0)
        await feed.begin()
        while await outbox_rows(sql) > 1:  # until the index has it
            await feed.beat()
    found = await page(threads, at)
    assert (told(found), found.missed) == ([("bob", 2)], True)
    assert (await page(threads, at)).missed
    assert not (await page(threads, found.next)).missed


@pytest.mark.usefixtures("one_server")
async def test_after_a_restored_backup_a_program_begins_anew(
    threads: Service, config: Config, ann: User, bob: User
) -> None:
    at = await begin(threads)
    await threads.say(ann, bob, "of before")
    await renew_log(config)
    anew = await page(threads, at)
    assert (anew.events, anew.missed) == ([], True)
    await threads.say(ann, bob, "of now")
    found = await page(threads, anew.next)
    assert (told(found), found.missed) == ([("bob", 2)], False)


@pytest.mark.usefixtures("one_server")
async def test_a_position_from_beyond_the_end_begins_anew(threads: Service, ann: User, bob: User) -> None:
    """The database is another one than that in which it was given out."""
    log, gaps, _ = (await begin(threads)).split("/")
    anew = await page(threads, f"{log}/{gaps}/{10**12}:{10**12}:")
    assert anew.missed
    await threads.say(ann, bob, "here")
    assert told(await page(threads, anew.next)) == [("bob", 1)]


async def test_a_deleted_text_is_not_in_the_log(threads: Service, ann: User, bob: User) -> None:
    at = await begin(threads)
    link = await threads.link()
    await link.append(item(ann, bob, "secret"))
    await link.append(change(ann, bob, "edit", 1, text="secret too"))
    await link.append(change(ann, bob, "delete", 1))
    found = await page(threads, at)
    assert [(event.kind, event.body) for event in found.events] == [
        ("message", ""),
        ("edit", '{"target":1}'),
        ("delete", '{"target":1}'),
    ]


@pytest.mark.parametrize("after", ["x", "a/b/c", "log/1/1:2", "log/1/1:2:x", "log/1/1:2:/"])
async def test_what_is_no_position_is_refused(threads: Service, after: str) -> None:
    status, problem = await ask(threads, after)
    assert (status, problem["errors"][0]["pointer"]) == (422, "/after")


async def test_the_log_is_for_notify_and_media_alone(threads: Service, ann: User) -> None:
    asked = {name: (await ask(threads, "", program=name))[0] for name in ("notify", "media", "relay", "game")}
    assert asked == {"notify": 200, "media": 200, "relay": 403, "game": 403}
    assert (await threads.as_user(ann, "POST", "/internal/log", LogAfter()))[0] == 403
    assert [(await ask(threads, "", limit))[0] for limit in (0, 201)] == [422, 422]
