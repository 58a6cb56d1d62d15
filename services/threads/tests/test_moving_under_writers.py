"""Processes write to wherever the slots are, while they move."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import combinations

import pytest

from services.threads.app import MIGRATIONS, SESSION_SETTINGS
from services.threads.log_id import LogId
from services.threads.queries import appends
from services.threads.queries.appends import Pair, Row
from services.threads.shard_server import MovingError
from services.threads.shards import PlacingError, Shards
from services.threads.tests.driver import Link, Start, User, delivered, item
from services.threads.tests.fake_auth import FakeAuth
from services.threads.tests.two_shards import Two, said
from shared.plumbing.postgres.database import database
from shared.plumbing.tasks import running
from shared.testing.pooler import Pooler
from shared.wire.link import Appended
from shared.wire.problems import Unavailable

PAIRS = [(n, n + 7) for n in range(1, 13)]


@asynccontextmanager
async def process(*urls: str) -> AsyncIterator[Shards]:
    """What one of threads has of the servers."""
    async with AsyncExitStack() as stack:
        known = []
        for url in urls:
            log_id = LogId()
            opened = database(
                url,
                "threads",
                MIGRATIONS,
                max_size=4,
                greeter=log_id,
                settings=SESSION_SETTINGS,
                migrating=False,
            )
            known.append((await stack.enter_async_context(opened), log_id))
        shards = Shards(known)
        await shards.begin()
        await stack.enter_async_context(running(shards.run))
        yield shards


async def stored(shards: Shards, row: Row) -> None:
    """As a relay does it: the same again until there is an answer."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with shards.of(row.pair).connection() as conn:
                    [answer] = await appends.append(conn, [row])
                    if answer is not None:
                        return
                    await appends.make_threads(conn, [row.pair])
            except Unavailable:
                await asyncio.sleep(0.02)


async def test_nothing_is_lost_or_doubled_and_seqs_have_no_gaps(shards: Two) -> None:
    ended = asyncio.Event()
    written: dict[Pair, list[str]] = {pair: [] for pair in PAIRS}

    async def write(through: Shards, pairs: list[Pair]) -> None:
        while not ended.is_set():
            for pair in pairs:
                body = f"{len(written[pair])}"
                await stored(through, said(pair, body))
                written[pair].append(body)

    async with process(*shards.urls) as one, process(*shards.urls) as other:
        writers = [asyncio.create_task(write(by, PAIRS[n::2])) for n, by in enumerate((one, other))]
        try:
            for verb in (["level"], ["empty", "0"], ["level"]):
                await shards.move(*verb)
        finally:
            ended.set()
            await asyncio.gather(*writers)
    assert min(map(len, written.values())) > 2
    found: dict[Pair, list[str]] = {}
    for conn in shards.conns:
        rows = await conn.fetch(
            "SELECT low, high, head, seq, body FROM threads JOIN events ON thread_id = id ORDER BY low, high, seq"
        )
        for low, high, head, seq, body in rows:
            bodies = found.setdefault((low, high), [])
            bodies.append(body)
            assert (seq, seq <= head) == (len(bodies), True)
    assert found == written
    assert await shards.left() == [0, 0]


async def test_relays_and_pages_of_two_processes_find_all_that_was_sent_through_both(
    start: Start, shards: Two, auth: FakeAuth
) -> None:
    people = [User(n, f"person{n}") for n in range(21, 27)]
    for person in people:
        auth.add(person.id, person.name)
    services = [await start(shard_urls=shards.urls[1]) for _ in range(2)]
    ended = asyncio.Event()
    sent: dict[tuple[User, User], list[str]] = {pair: [] for pair in combinations(people, 2)}

    async def write(link: Link, pairs: list[tuple[User, User]]) -> None:
        while not ended.is_set():
            waiting = {pair: item(*pair, f"needle {len(sent[pair])}") for pair in pairs}
            while waiting:
                answer = await link.ask(*waiting.values())
                results = answer.results if isinstance(answer, Appended) else []
                for (pair, one), result in zip(tuple(waiting.items()), results, strict=False):
                    if result.problem is None:
                        assert delivered(result).seq == len(sent[pair]) + 1
                        sent[pair].append(one.body)
                        del waiting[pair]
                    else:
                        assert result.problem.retry
                await asyncio.sleep(0.02)

    links = [await service.link(f"relay-{n}") for n, service in enumerate(services)]
    writers = [asyncio.create_task(write(link, [*sent][n::2])) for n, link in enumerate(links)]
    try:
        for verb in (["level"], ["empty", "1"], ["level"]):
            await shards.move(*verb)
    finally:
        ended.set()
        async with asyncio.timeout(20):
            await asyncio.gather(*writers)
    assert min(map(len, sent.values())) > 2
    assert await shards.slots() == [128, 128]
    for (one, other), texts in sent.items():
        page = await services[0].page(one, other, limit=200)
        assert [message["text"] for message in page["messages"]] == texts[-200:]
        assert page["head"] == len(texts)
    status, inbox = await services[1].as_user(people[0], "GET", "/api/threads")
    assert (status, len(inbox["threads"])) == (200, len(people) - 1)
    last = {"q": f"needle {len(sent[people[0], people[1]]) - 1}", "with": people[1].name}
    async with asyncio.timeout(20):
        while not (await services[1].as_user(people[0], "GET", "/api/search", **last))[1]["messages"]:
            await asyncio.sleep(0.05)


async def test_what_a_dead_mover_has_left_in_the_middle_heals_by_itself(shards: Two) -> None:
    async with process(*shards.urls) as one:
        await stored(one, said(PAIRS[0], "before"))
        await shards.die("threads.let_go", "empty", "0")
        await stored(one, said(PAIRS[0], "after"))
    assert await shards.slots() == [0, 256]
    assert await shards.conns[1].fetch("SELECT seq, body FROM events ORDER BY seq") == [
        (1, "before"),
        (2, "after"),
    ]


async def test_through_a_pooler_people_write_but_nobody_moves_slots(shards: Two, pooled: Pooler) -> None:
    with pytest.raises(MovingError, match="is a pooler"):
        await shards.move("empty", "0", urls=[pooled.dsn(url) for url in shards.urls])
    async with process(*shards.urls) as one:
        await stored(one, said(PAIRS[0], "before"))
        await shards.move("empty", "0")
        await stored(one, said(PAIRS[0], "after"))
    assert await shards.conns[1].fetch("SELECT seq, body FROM events ORDER BY seq") == [
        (1, "before"),
        (2, "after"),
    ]


async def test_who_knows_one_server_alone_begins_no_thread_anew_that_is_on_another_by_now(
    shards: Two,
) -> None:
    url = shards.urls[0]
    async with process(url) as alone:
        await stored(alone, said(PAIRS[0], "before"))
        await shards.move("empty", "0")
        with pytest.raises(Unavailable):
            async with alone.of(PAIRS[0]).connection() as conn:
                await appends.make_threads(conn, PAIRS[:1])
    assert not await shards.conns[0].fetchval("SELECT count(*) FROM threads")
    with pytest.raises((PlacingError, Unavailable)):
        async with process(url):
            pass


async def test_a_map_made_before_the_last_move_is_not_used(shards: Two) -> None:
    """It was asked for while the slots had not moved yet, and came when a connection had been told that they had."""
    async with process(*shards.urls) as one:
        early = await one._places()
        await shards.move("empty", "0")
        async with one._servers[0][0].connection():
            pass
        one._take(early)
        with pytest.raises(Unavailable):
            async with one.of(PAIRS[0]).connection():
                pass
        one._moved.set()  # as that connection did
        await stored(one, said(PAIRS[0], "where it belongs"))
    assert await shards.conns[1].fetchval("SELECT count(*) FROM events") == 1
