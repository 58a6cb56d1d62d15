"""A log over several servers is one log to everybody who asks threads."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.threads import leveling
from services.threads.app import MIGRATIONS
from services.threads.feed import Feed
from services.threads.log_id import LogId
from services.threads.queries import appends, heads, placing
from services.threads.shards import PlacingError, Shards, slot_of
from services.threads.tests.driver import Link, Service, Start, User, change, delivered, item
from services.threads.tests.fake_auth import FakeAuth
from services.threads.tests.test_failover import stored
from services.threads.tests.test_inbox import inbox
from services.threads.tests.test_program_log import begin, page, told
from services.threads.tests.test_search import until_found
from services.threads.tests.test_standing import ask as ask_standing
from shared.embedded.postgres import PostgresServer
from shared.embedded.running import started
from shared.plumbing.postgres.database import database
from shared.testing.clusters import put_cluster
from shared.wire.link import Appended, Beat, ReadBatch, ReadDone, ReadMark
from shared.wire.log import Head
from shared.wire.log_calls import (
    Deliveries,
    DeliveriesAfter,
    HeadsAnswer,
    HeadsOf,
    Resolve,
    ResolvedThreads,
    Untold,
)


@pytest.fixture
def shard_urls(further_shards: list[str]) -> str:
    return " ".join(further_shards)


@pytest.fixture
def crowd(auth: FakeAuth) -> list[User]:
    """Enough for each shard to have threads of the first with them."""
    users = [User(number, f"user{number}") for number in range(100, 120)]
    for user in users:
        auth.add(user.id, user.name)
    return users


def slot(one: User, other: User) -> int:
    return slot_of((min(one.id, other.id), max(one.id, other.id)))


def place(one: User, other: User) -> int:
    """Of three that share the slots equally."""
    return slot(one, other) * 3 // 256


async def heads_of(threads: Service, *users: User, beyond: Sequence[Head] = (), log: str = "") -> HeadsAnswer:
    asked = HeadsOf([user.id for user in users], log, list(beyond))
    return await threads.as_relay("/internal/heads", asked, HeadsAnswer)


async def found_page(threads: Service, user: User, q: str, **query: Any) -> Any:
    status, answer = await threads.as_user(user, "GET", "/api/search", q=q, **query)
    assert status == 200, answer
    return answer


async def test_a_pair_is_in_the_same_slot_in_python_and_in_sql(database_url: str) -> None:
    chance = random.Random(7)
    pairs = [
        (1, 2),
        (1, 2**62),
        *((low, low + chance.randrange(1, 2**40)) for low in chance.sample(range(10**6), 500)),
    ]
    conn = await asyncpg.connect(database_url, server_settings={"search_path": "threads"})
    found = await conn.fetch(
        "SELECT slot_of(low, high) FROM unnest($1::bigint[], $2::bigint[]) AS pair (low, high)",
        [low for low, _ in pairs],
        [high for _, high in pairs],
    )
    await conn.close()
    assert [one for (one,) in found] == list(map(slot_of, pairs))
    assert len(set(map(slot_of, pairs))) > 200


async def test_what_is_asked_of_all_threads_is_merged_from_all_shards(
    threads: Service, crowd: list[User], ann: User
) -> None:
    assert {place(ann, user) for user in crowd} == {0, 1, 2}
    link, at = await threads.link(), await begin(threads)
    results = await link.append(*[item(user, ann, f"word {user.name}") for user in crowd])
    assert [delivered(one).seq for one in results] == [1] * len(crowd)
    assert [delivered(one).thread >> 40 for one in results] == [place(ann, user) for user in crowd]
    assert [one.created for one in await link.append(item(ann, crowd[0], "an answer", reply_to=1))] == [True]
    names = [user.name for user in (*crowd[1:], crowd[0])][::-1]

    listed: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        some, following = await inbox(threads, ann, limit=3, **cursor)
        listed += [one["username"] for one in some]
        if following is None:
            break
        cursor = {"cursor": following}
    assert sorted(listed) == sorted(names)
    assert listed[0] == crowd[0].name

    await until_found(threads, ann, "word", count=len(crowd), within_s=10)
    found: list[str] = []
    cursor = {}
    while True:
        answer = await found_page(threads, ann, "word", limit=3, **cursor)
        found += [one["thread"] for one in answer["messages"]]
        if answer["next"] is None:
            break
        cursor = {"cursor": answer["next"]}
    assert sorted(found) == sorted(names)
    only = await found_page(threads, ann, "word", **{"with": crowd[5].name})
    assert [one["thread"] for one in only["messages"]] == [crowd[5].name]

    [of_ann] = (await heads_of(threads, ann)).users
    assert sorted(head.thread for head in of_ann.heads) == sorted(delivered(one).thread for one in results)
    assert {one.peer for one in of_ann.latest} == {user.id for user in crowd}
    peers = [user.name for user in crowd]
    resolved = await threads.as_relay("/internal/resolve", Resolve(ann.id, peers), ResolvedThreads)
    assert [one.thread for one in resolved.threads] == [delivered(one).thread for one in results]

    seen: list[tuple[str, int]] = []
    missed, more = False, True
    while more:
        part = await page(threads, at, limit=7)
        seen += [(one.low_name if one.high == ann.id else one.high_name, one.seq) for one in part.events]
        at, more, missed = part.next, part.more or bool(part.events), missed or part.missed
    assert sorted(seen) == sorted([(name, 1) for name in names] + [(crowd[0].name, 2)])
    assert not missed


async def test_a_thread_is_found_by_its_id_alone_too(threads: Service, crowd: list[User], ann: User) -> None:
    """As programs of earlier versions ask."""
    others = [next(user for user in crowd if place(ann, user) == n) for n in range(3)]
    link = await threads.link()
    sent = [
        delivered(one) for one in await link.append(*[item(user, ann, f"of {user.name}") for user in others])
    ]
    for one in sent:
        for members in ((), (200, one.low, one.high)):
            asked = DeliveriesAfter(one.thread, 0, *members)
            answer = await threads.as_relay("/internal/deliveries", asked, Deliveries)
            assert [each.thread for each in answer.deliveries] == [one.thread]
            assert answer.log == (await heads_of(threads)).log
    standings = await ask_standing(
        threads, *[Untold(one.thread, ann.id, 0) for one in sent], Untold(99, ann.id, 0)
    )
    assert [one and one.text for one in standings] == [*(f"of {user.name}" for user in others), None]
    marks = [ReadMark(ann.id, ann.name, user.name, 1) for user in others]
    link.say(ReadBatch(1, "relay-1", marks))
    assert len((await link.receive(ReadDone)).notices) == 2 * len(others)
    assert [one["read"] for one in (await inbox(threads, ann))[0]] == [1, 1, 1]


async def test_servers_that_are_new_share_the_slots_and_keep_them_in_whatever_order_they_are_named(
    start: Start, further_shards: list[str], database_url: str, ann: User, crowd: list[User]
) -> None:
    threads = await start()
    log = (await heads_of(threads)).log
    await threads.say(ann, crowd[0], "one")
    named = [*further_shards, database_url]
    other = await start(postgres_url=named[0], shard_urls="  ".join(named[1:]))
    assert (await other.page(ann, crowd[0]))["head"] == 1
    assert (await heads_of(other)).log == log
    await threads.client.close()
    await other.client.close()
    again = await start(postgres_url=named[1], shard_urls=" ".join((named[2], named[0])))
    assert await again.say(ann, crowd[0], "two") == [2]


async def test_a_log_that_there_is_stays_where_it_is_and_the_same(
    start: Start, shard_urls: str, database_url: str, ann: User, bob: User
) -> None:
    before = await start(shard_urls="")
    await before.say(ann, bob, "one")
    log, at = (await heads_of(before)).log, await begin(before)
    await before.say(ann, bob, "two")
    threads = await start()
    assert (await heads_of(threads)).log == log
    found = await page(threads, at)
    assert (told(found), found.missed) == ([("bob", 2)], False)
    conn = await asyncpg.connect(shard_urls.split()[0], server_settings={"search_path": "threads"})
    assert (await placing.found(conn)).slots == frozenset()
    await conn.close()
    assert await before.say(ann, bob, "three") == [3], "who knows one server only goes on until slots move"


@asynccontextmanager
async def begun(*urls: str) -> AsyncIterator[Shards]:
    """As threads begins with these servers."""
    async with AsyncExitStack() as stack:
        servers = []
        for url in urls:
            log_id = LogId()
            opened = database(url, "threads", MIGRATIONS, greeter=log_id)
            servers.append((await stack.enter_async_context(opened), log_id))
        shards = Shards(servers)
        await shards.begin()
        yield shards


async def refusal(*urls: str) -> str:
    """Why threads does not begin with these; "" if it does."""
    try:
        async with begun(*urls):
            return ""
    except PlacingError as error:
        return str(error)


@pytest.mark.parametrize("wrong", ["slots[2:]", "slots || 255::smallint || 0::smallint"])
async def test_a_map_that_is_not_whole_is_never_used(
    further_shards: list[str], database_url: str, wrong: str
) -> None:
    pairs = [(1, high) for high in range(2, 200)]
    async with begun(database_url, *further_shards) as shards:
        before = [shards.of(pair) for pair in pairs]
        conn = await asyncpg.connect(further_shards[0], server_settings={"search_path": "threads"})
        await conn.execute(f"UPDATE settings SET slots = {wrong}, moves = moves + 1")  # noqa: S608
        await conn.close()
        with pytest.raises(PlacingError, match="slot"):
            shards._take(await shards._settled())
        assert [shards.of(pair) for pair in pairs] == before


async def test_servers_that_are_not_together_one_log_are_refused(
    start: Start, further_shards: list[str], database_url: str, ann: User, bob: User
) -> None:
    second, third = further_shards
    assert "named twice" in await refusal(database_url, second, second)
    for url in (database_url, second):
        alone = await start(postgres_url=url, shard_urls="")
        await alone.say(ann, bob, "hi")
        await alone.client.close()
    assert "each hold a log of their own" in await refusal(database_url, second)
    assert await refusal(database_url, third) == ""
    assert "each hold a log of their own" in await refusal(database_url, third, second)
    assert "DUET_SHARD_URLS must name the others" in await refusal(third)
    assert await refusal(database_url) == ""


async def test_a_number_is_never_given_again(further_shards: list[str], database_url: str) -> None:
    """Threads keep their ids when they move, and one that begins must not get one of these."""
    urls = [database_url, further_shards[0]]
    async with begun(*urls) as shards:
        pair = next((1, high) for high in range(2, 99) if shards.of((1, high)).number == 1)
        async with shards.of(pair).connection() as conn:
            await appends.make_threads(conn, [pair])
    said: list[str] = []
    await leveling.run(["empty", "1"], urls, say=said.append, tell=said.append)
    async with begun(database_url, further_shards[1]) as shards:
        assert [shard.number for shard in shards.all] == [0, 2]
        async with shards.of(pair).connection() as conn:
            assert (await heads.of_pairs(conn, [pair]))[pair][0] >> 40 == 1


async def test_what_is_stored_over_all_shards_counts_for_the_quota(
    start: Start, ann: User, crowd: list[User]
) -> None:
    threads = await start(quota_mb=1)
    link = await threads.link()
    others = [next(user for user in crowd if place(ann, user) == n) for n in range(3)]
    for user in others:  # a third of a MiB each, and a little more
        await threads.say(ann, user, *["\U0001f600" * 4000] * 23)
    async with asyncio.timeout(30):
        while not (result := (await link.append(item(ann, others[0], "one more")))[0]).problem:
            await asyncio.sleep(0.1)
    assert result.problem.code == "over-quota"
    assert [one.problem for one in await link.append(item(others[0], ann, "mine"))] == [None]


class Fourth:
    """A server of its own, that may die or hang, beside two databases of the session's."""

    def __init__(self, server: PostgresServer, beside: Sequence[str], stack: ExitStack) -> None:
        self.server = server
        self._stack = stack
        self.start_again()
        server.ensure_database()
        self.urls = {"postgres_url": beside[0], "shard_urls": f"{server.dsn()} {beside[1]}"}

    def start_again(self) -> None:
        self._stack.enter_context(started(self.server))

    def signal(self, which: int) -> None:
        """Its children, too."""
        group = self.server.running_pid() or 0
        for pid in (group, *children(group)):
            os.kill(pid, which)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def fourth(tmp_path: Path, further_shards: list[str]) -> Iterator[Fourth]:
    server = PostgresServer(tmp_path / "p", tmp_path / "ps", durable=False)
    put_cluster(server.data_dir)
    with ExitStack() as stack:
        yield Fourth(server, further_shards, stack)


async def one_by_one(link: Link, *items: Any) -> list[str]:
    """A batch, and what became of each: the code of its problem."""
    answer = await link.ask(*items)
    assert isinstance(answer, Appended), answer
    return [one.problem.code if one.problem else "" for one in answer.results]


@pytest.mark.parametrize("how", ["dead", "hanging"])
async def test_a_shard_that_is_away_takes_nothing_along(
    start: Start, fourth: Fourth, ann: User, crowd: list[User], how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        Feed.__init__.__kwdefaults__ or {}, "keep_s", 0.0
    )  # so that each beat forgets something
    threads = await start(**fourth.urls)
    link = await threads.link()
    [first, there, also] = [next(user for user in crowd if place(ann, user) == n) for n in (0, 1, 2)]
    sent = [item(ann, user, f"to {user.name}") for user in (first, there, also)]
    assert await one_by_one(link, *sent) == ["", "", ""]
    fourth.signal(signal.SIGSTOP if how == "hanging" else signal.SIGKILL)
    try:
        more = [item(ann, user, "more") for user in (there, first, there, also)]
        async with asyncio.timeout(3):  # or a relay would give the link up
            assert await one_by_one(link, *more) == ["unavailable", "", "unavailable", ""]
        loop, before = asyncio.get_running_loop(), len(link.beats)
        for _ in range(3):
            asked_at = loop.time()
            assert await one_by_one(link, item(ann, first, "again"), item(ann, there, "again")) == [
                "",
                "unavailable",
            ]
            assert loop.time() - asked_at < 1.0, "nobody waits for it a second time"
        heads: set[int] = set()
        while len(link.beats) < before + 2 or not heads:
            async with asyncio.timeout(3):  # or a relay would give the link up
                beat = await link.receive(Beat)
            link.beats.append(beat)
            heads |= {head.head for head in beat.heads if head.high == first.id or head.low == first.id}
        assert (await threads.as_user(ann, "GET", "/api/threads"))[0] == 503, "it would lack threads"
        assert (await threads.as_user(ann, "GET", "/api/search", q="more"))[0] == 503
        assert (await threads.page(ann, first))["head"] == 5
        status, ready = await threads.call("GET", "/health/ready", headers={})
        assert (status, ready["postgres"]) == (200, "degraded"), ready
    finally:
        if how == "hanging":
            fourth.signal(signal.SIGCONT)
        else:
            fourth.start_again()
    async with asyncio.timeout(20):
        while (answers := await one_by_one(link, *more)) != ["", "", "", ""]:
            assert set(answers) <= {"", "unavailable"}
            await asyncio.sleep(0.1)
    assert (await threads.page(ann, there))["head"] == 3
    assert len((await inbox(threads, ann))[0]) == 3


async def test_each_shard_is_asked_whether_a_standby_has_what_it_acknowledges(
    start: Start,
) -> None:
    threads = await start(replication="synchronous")
    status, ready = await threads.call("GET", "/health/ready", headers={})
    assert (status, ready["replication"]) == (503, "failing: NotReplicated")


async def test_a_shard_that_lost_a_part_of_its_log_is_another_log_to_all(
    threads: Service, database_url: str, further_shards: list[str], ann: User, crowd: list[User]
) -> None:
    link = await threads.link()
    others = [next(user for user in crowd if place(ann, user) == n) for n in range(3)]
    for user in others:
        await link.append(item(ann, user, "hi"))
    answer = await heads_of(threads, ann)
    conn = await asyncpg.connect(further_shards[0], server_settings={"search_path": "threads"})
    own = await conn.fetchval("SELECT log::text FROM settings")
    beyond = [Head(head.thread, head.low, head.high, head.head + 1) for head in answer.users[0].heads]
    of_second = [head for head in beyond if head.thread >> 40 == 1]
    renewed = (await heads_of(threads, ann, beyond=of_second, log=answer.log)).log
    assert renewed != answer.log
    assert await conn.fetchval("SELECT log::text FROM settings") != own
    await conn.close()
    about = [change(ann, others[0], "delete", 1), item(ann, others[1], "new")]
    answered = await stored(link, *about, log=answer.log)
    assert [one.problem and one.problem.retry for one in answered.results] == [True, None]
    assert answered.log == renewed
