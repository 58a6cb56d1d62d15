"""A promoted standby that lacks the last of the log is another log, and nothing is taken for something else."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest

from services.threads.feed import Feed
from services.threads.keys import APPENDER
from services.threads.shards import one_shard
from services.threads.tests.driver import Link, Service, Start, User, change, delivered, item
from services.threads.tests.test_program_log import begin, page, told
from shared.embedded.postgres import PostgresServer
from shared.embedded.running import started
from shared.plumbing import failpoints
from shared.plumbing.postgres.database import database
from shared.testing.clusters import put_cluster
from shared.testing.standbys import (
    REPLICATING,
    either,
    follow_again,
    follower,
    has_everything,
    promote,
    stop_following,
)
from shared.wire.link import AppendBatch, Appended, AppendFailed, Beat, ReadBatch, ReadDone, ReadMark
from shared.wire.log import Head
from shared.wire.log_calls import HeadsAnswer, HeadsOf

pytestmark = pytest.mark.usefixtures("one_server")


class Pair(NamedTuple):
    primary: PostgresServer
    standby: PostgresServer

    def fail_over(self) -> None:
        os.kill(self.primary.running_pid() or 0, signal.SIGQUIT)
        promote(self.standby)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    primary = PostgresServer(tmp_path / "p", tmp_path / "ps", durable=False, settings=REPLICATING)
    put_cluster(primary.data_dir)
    with ExitStack() as stack:
        stack.enter_context(started(primary))
        primary.ensure_database()
        standby = follower(primary, tmp_path / "s")
        stack.enter_context(started(standby))
        yield Pair(primary, standby)


async def log_of(threads: Service) -> str:
    return (await threads.as_relay("/internal/heads", HeadsOf([]), HeadsAnswer)).log


async def stored(link: Link, *items: object, log: str = "") -> Appended:
    """As a relay does it: the batch is repeated until there is an answer."""
    async with asyncio.timeout(30):
        while True:
            link.say(AppendBatch(1, "relay-1", list(items), log))  # type: ignore[arg-type]
            answer = await link.receive(Appended, AppendFailed)
            if isinstance(answer, Appended):
                return answer
            await asyncio.sleep(0.05)


async def test_what_was_lost_is_stored_once_and_what_was_kept_is_not_stored_again(
    start: Start, pair: Pair, ann: User, bob: User, eve: User
) -> None:
    threads = await start(postgres_url=either(*pair))
    other = await start(postgres_url=either(*pair))
    link, log = await threads.link(), await log_of(threads)
    at = await begin(threads)
    kept, lost, new = item(ann, bob, "kept"), item(ann, bob, "lost"), item(bob, ann, "new")
    assert (await stored(link, kept)).log == log
    has_everything(*pair)
    stop_following(pair.standby)
    [result] = (await stored(link, lost)).results
    assert delivered(result).seq == 2
    await stored(link, item(ann, eve, "a thread that is lost"))
    pair.fail_over()

    answer = await stored(link, new)
    assert answer.log != log
    assert delivered(answer.results[0]).seq == 2
    answers = (await stored(link, kept, lost, log=log)).results
    assert [(delivered(one).seq, one.created) for one in answers] == [(1, False), (3, True)]
    assert await log_of(threads) == await log_of(other) == answer.log
    link.beats.clear()
    while not link.beats or link.beats[-1].log != answer.log:
        link.beats.append(await link.receive(Beat))

    about = [
        change(ann, bob, "delete", 2),
        item(ann, bob, "an answer", reply_to=2),
        item(ann, bob, "of itself"),
    ]
    refused, refused_too, taken = (await stored(link, *about, log=log)).results
    assert [one.problem and one.problem.retry for one in (refused, refused_too)] == [True, True]
    assert delivered(taken).seq == 4
    marks = ReadBatch(2, "relay-1", [ReadMark(bob.id, "bob", "ann", 4)], log)
    link.say(marks)
    assert await link.receive(ReadDone) == ReadDone(2, [])
    assert await threads.as_relay("/internal/reads", marks, ReadDone) == ReadDone(2, [])
    assert [head.head for head in (await heads_of(threads, bob)).users[0].heads] == [4]
    assert [one.read for one in (await heads_of(threads, bob)).users[0].latest] == [0]

    [result] = (await stored(link, item(ann, eve, "again"))).results
    assert delivered(result).thread > 1_000_000, (
        "an id that was given out in what was lost is not given out again"
    )
    found = await page(threads, at)
    assert found.missed
    assert told(found) == [("bob", 1), ("bob", 2), ("bob", 3), ("bob", 4), ("eve", 1)]
    assert not (await page(threads, found.next)).missed


async def test_synchronous_replication_that_is_asked_for_is_looked_at(start: Start, pair: Pair) -> None:
    threads = await start(postgres_url=either(*pair), replication="synchronous")

    async def ready() -> tuple[int, str, str]:
        status, said = await threads.call("GET", "/health/ready", headers={})
        return status, said["replication"], said.get("replication_why", "")

    assert await ready() == (503, "failing: NotReplicated", "")
    pair.primary.execute("alter system set synchronous_standby_names = '*'")
    pair.primary.execute("select pg_reload_conf()")
    while (await ready())[1] == "failing: NotReplicated":  # until every process has read that
        await asyncio.sleep(0.01)
    status, said, why = await ready()
    assert (status, said) == (200, "degraded")
    assert "pg_monitor" in why
    pair.primary.execute("grant pg_monitor to duet")
    assert await ready() == (200, "ok", "")
    stop_following(pair.standby)
    while (await ready())[1] == "ok":
        await asyncio.sleep(0.01)
    status, said, why = await ready()
    assert (status, said) == (200, "degraded")
    assert "nothing is stored" in why


async def test_what_waits_for_the_standby_is_shown_to_nobody_however_long_it_takes(
    start: Start, pair: Pair, ann: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit whose wait is cancelled counts as committed, is seen by everybody, and may yet be lost."""
    monkeypatch.setattr("shared.plumbing.postgres.database.COMMAND_TIMEOUT_S", 0.5)
    threads = await start(postgres_url=pair.primary.dsn())
    link = await threads.link()
    await stored(link, item(ann, bob, "before"))
    pair.primary.execute("alter system set synchronous_standby_names = '*'")
    pair.primary.execute("select pg_reload_conf()")
    has_everything(*pair)
    stop_following(pair.standby)
    waits = item(ann, bob, "waits")
    for _ in range(2):
        assert isinstance(await link.ask(waits), AppendFailed)
        assert [head.head for head in (await heads_of(threads, bob)).users[0].heads] == [1]
    follow_again(pair.standby, pair.primary)
    [result] = (await stored(link, waits)).results
    assert delivered(result).seq == 2


async def heads_of(threads: Service, user: User) -> HeadsAnswer:
    return await threads.as_relay("/internal/heads", HeadsOf([user.id]), HeadsAnswer)


async def test_a_report_of_heads_renews_the_log_only_if_they_really_lie_beyond_its_end(
    threads: Service, ann: User, bob: User
) -> None:
    """Whoever could make others renew it would make everybody load everything anew."""
    await threads.say(ann, bob, "one")
    [head] = (await heads_of(threads, ann)).users[0].heads
    log = await log_of(threads)
    beyond = Head(head.thread, head.low, head.high, 2)

    async def reported(of: str, told: Head) -> bool:
        await threads.as_relay("/internal/heads", HeadsOf([], of, [told]), HeadsAnswer)
        return await log_of(threads) != log

    assert [await reported(log, head), await reported("another", beyond), await reported(log, beyond)] == [
        False,
        False,
        True,
    ]
    assert (await threads.as_user(ann, "POST", "/internal/heads", HeadsOf([], log, [beyond])))[0] == 403


async def test_what_waited_for_a_connection_while_the_log_was_replaced_meets_no_other_message(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    """Its batch was looked at while the log before was the one that was known."""
    await threads.say(ann, bob, "another message now")
    link, log = await threads.link(), await log_of(threads)
    appender = threads.client.app[APPENDER]
    failpoints.arm("threads.before_commit=sleep:60@1")
    try:
        link.say(AppendBatch(1, "relay-1", [change(ann, bob, "delete", 1)], log))
        async with asyncio.timeout(10):
            while not failpoints.arrivals("threads.before_commit"):
                await asyncio.sleep(0.005)
        await sql.execute("UPDATE settings SET log = gen_random_uuid(), server = 'another'")
        await appender._shards.all[0].database.reconnect()
    finally:
        failpoints.arm("")
    assert isinstance(await link.receive(Appended, AppendFailed), AppendFailed)
    assert (await heads_of(threads, bob)).users[0].heads[0].head == 1


async def test_a_read_position_that_waited_while_the_log_was_replaced_counts_for_nothing(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "another message now")
    link, log = await threads.link(), await log_of(threads)
    failpoints.arm("threads.batch_received=sleep:60@1")
    try:
        link.say(ReadBatch(1, "relay-1", [ReadMark(bob.id, "bob", "ann", 1)], log))
        async with asyncio.timeout(10):
            while not failpoints.arrivals("threads.batch_received"):
                await asyncio.sleep(0.005)
        await sql.execute("UPDATE settings SET log = gen_random_uuid(), server = 'another'")
        await threads.client.app[APPENDER]._shards.all[0].database.reconnect()
    finally:
        failpoints.arm("")
    assert await link.receive(ReadDone) == ReadDone(1, [])
    assert [one.read for one in (await heads_of(threads, bob)).users[0].latest] == [0]


async def test_a_beat_that_finds_less_than_before_on_the_disk_renews_the_log(
    threads: Service, database_url: str
) -> None:
    before, listened = await log_of(threads), []

    class Listener:
        def beat(self, heads: object, *, missed: bool = False, log: str = "") -> None:
            listened.append((missed, log))

    async with database(database_url, "threads", None) as db:
        feed = Feed(one_shard(db))
        feed.audience.join(Listener())  # type: ignore[arg-type]
        await feed.begin()
        [outbox] = feed._outboxes
        outbox._last = type(outbox._last)(outbox._last.snapshot, "another life", before, 1 << 60)
        await feed.beat()
        await feed.beat()
    after = await log_of(threads)
    assert after != before
    assert listened == [(True, before), (False, after)]
