"""Hints reach the nodes that hold a member, after the commit, and their loss harms nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import asdict
from prometheus_client import REGISTRY

from services.threads.tests.driver import Service, User, delivered, item, text
from shared.plumbing import failpoints
from shared.plumbing.redis.client import Redis, redis
from shared.plumbing.redis.directory import LEASE_MS, Membership, stream_of
from shared.wire import codec
from shared.wire.frames import ReadFrame
from shared.wire.link import Beat, ReadBatch, ReadDone, ReadMark
from shared.wire.log import Hinted, Notice, StreamEntry


@pytest.fixture
async def cache(clean_redis_url: str) -> AsyncIterator[Redis]:
    async with redis(clean_redis_url) as opened:
        yield opened


@pytest.fixture(autouse=True)
def disarmed() -> object:
    yield
    failpoints.arm("")


async def hold(cache: Redis, node: str, *users: User) -> None:
    """`node` lives and holds these users."""
    membership = Membership(cache, node)
    await membership.renew()
    for user in users:
        await membership.join(user.id)


async def entries(cache: Redis, node: str, last: bytes = b"0") -> list[StreamEntry]:
    """The entries of a node's stream; waits for the first."""
    [answer] = await cache.hot.ask(("XREAD", "BLOCK", 800, "STREAMS", stream_of(node), last))
    return [codec.decode(fields[1], StreamEntry) for _, found in answer or () for _, fields in found]


async def test_each_node_that_holds_a_member_is_hinted_but_not_the_one_that_asked(
    threads: Service, cache: Redis, ann: User, bob: User, eve: User
) -> None:
    await hold(cache, "relay-1", ann)
    await hold(cache, "relay-2", bob, ann)
    await hold(cache, "relay-3", eve)
    first, second = await (await threads.link("relay-1")).append(item(ann, bob, "one"), item(bob, ann, "two"))
    [entry] = await entries(cache, "relay-2")
    assert list(entry.deliveries) == [Hinted(**asdict(delivered(one))) for one in (first, second)]
    assert await cache.hot.ask(("EXISTS", stream_of("relay-1"), stream_of("relay-3"))) == [0]


async def test_a_node_gets_only_what_concerns_its_users(
    threads: Service, cache: Redis, ann: User, bob: User, eve: User
) -> None:
    await hold(cache, "relay-2", bob)
    await hold(cache, "relay-3", eve)
    await (await threads.link("relay-1")).append(item(ann, bob, "for bob"), item(ann, eve, "for eve"))
    for node, expected in (("relay-2", "for bob"), ("relay-3", "for eve")):
        [entry] = await entries(cache, node)
        assert [text(one) for one in entry.deliveries] == [expected]


async def test_a_message_over_http_is_hinted_to_every_node(
    threads: Service, cache: Redis, ann: User, bob: User
) -> None:
    await hold(cache, "relay-1", ann)
    body = {"client_id": "00000000-0000-7000-8000-000000000001", "text": "hi"}
    assert (await threads.as_user(ann, "POST", "/api/threads/bob/messages", body))[0] == 201
    [entry] = await entries(cache, "relay-1")
    assert [text(one) for one in entry.deliveries] == ["hi"]


async def test_a_repeated_client_id_and_a_refused_item_are_not_hinted(
    threads: Service, cache: Redis, ann: User, bob: User
) -> None:
    await hold(cache, "relay-2", bob)
    link, sent = await threads.link("relay-1"), item(ann, bob, "once")
    await link.append(sent)
    await link.append(sent, item(ann, ann))
    await link.append(item(ann, bob, "last"))
    found: list[StreamEntry] = []
    while not found or text(found[-1].deliveries[-1]) != "last":
        found = await entries(cache, "relay-2")
    assert [text(one) for entry in found for one in entry.deliveries] == ["once", "last"]


async def test_a_node_that_begins_beside_the_only_one_is_hinted_soon(
    threads: Service, cache: Redis, ann: User, bob: User
) -> None:
    await hold(cache, "relay-1", ann)
    link = await threads.link("relay-1")
    before = REGISTRY.get_sample_value("duet_threads_hints_spared_total")
    while REGISTRY.get_sample_value("duet_threads_hints_spared_total") == before:
        await link.append(item(ann, bob))
    await hold(cache, "relay-2", bob)
    async with asyncio.timeout(LEASE_MS / 1000):
        while await cache.hot.ask(("EXISTS", stream_of("relay-2"))) == [0]:
            await link.append(item(ann, bob, "again"))


async def test_a_read_position_that_rose_is_told_to_both_members(
    threads: Service, cache: Redis, ann: User, bob: User
) -> None:
    await hold(cache, "relay-2", bob)
    link = await threads.link("relay-1")
    await link.append(*(item(bob, ann) for _ in range(3)))
    await entries(cache, "relay-2")
    link.say(ReadBatch(7, "relay-1", [ReadMark(ann.id, "ann", "bob", 2)]))
    done = await link.receive(ReadDone)
    assert {notice.user: codec.decode(bytes(notice.frame), ReadFrame) for notice in done.notices} == {
        ann.id: ReadFrame("bob", 2, "ann"),
        bob.id: ReadFrame("ann", 2, "ann"),
    }
    hinted: list[Notice] = []
    while not hinted:
        hinted = [notice for entry in await entries(cache, "relay-2") for notice in entry.notices]
    assert hinted == [notice for notice in done.notices if notice.user == bob.id]


async def test_a_position_that_did_not_rise_is_told_to_nobody(threads: Service, ann: User, bob: User) -> None:
    link = await threads.link("relay-1")
    await link.append(*(item(bob, ann) for _ in range(3)))
    marks = [ReadMark(ann.id, "ann", "bob", seq) for seq in (2, 2, 1)] + [ReadMark(bob.id, "bob", "ann", 99)]
    rounds = []
    for number in range(2):
        link.say(ReadBatch(number, "relay-1", marks))
        done = await link.receive(ReadDone)
        rounds.append([codec.decode(bytes(notice.frame), ReadFrame) for notice in done.notices])
    assert sorted((frame.by, frame.seq, frame.thread) for frame in rounds[0]) == [
        ("ann", 2, "ann"), ("ann", 2, "bob"), ("bob", 3, "ann"), ("bob", 3, "bob"),
    ]  # fmt: skip
    assert rounds[1] == []


async def test_marks_that_make_no_sense_are_ignored(threads: Service, ann: User, bob: User) -> None:
    link = await threads.link()
    for peer in ("nobody", "ann", "bob"):
        link.say(ReadBatch(1, "relay-1", [ReadMark(ann.id, "ann", peer, 5)]))
        assert (await link.receive(ReadDone)).notices == []


async def test_lost_hints_delay_nothing_and_the_next_ones_come(
    threads: Service, cache: Redis, ann: User, bob: User
) -> None:
    await hold(cache, "relay-2", bob)
    before = REGISTRY.get_sample_value("duet_threads_hints_lost_total") or 0
    failpoints.arm("threads.before_hints=error@1")
    link = await threads.link("relay-1")
    await link.append(item(ann, bob, "unhinted"))
    assert any(head.head == 1 for head in (await link.receive(Beat)).heads + (await link.receive(Beat)).heads)
    assert REGISTRY.get_sample_value("duet_threads_hints_lost_total") == before + 1
    await hold(cache, "relay-2", bob)  # its lease may have ended meanwhile
    await link.append(item(ann, bob, "hinted"))
    assert [text(one) for entry in await entries(cache, "relay-2") for one in entry.deliveries] == ["hinted"]


async def test_a_position_that_redis_did_not_take_is_told_when_it_does(
    threads: Service, cache: Redis, ann: User, bob: User
) -> None:
    await hold(cache, "relay-2", bob)
    link = await threads.link("relay-1")
    await link.append(item(bob, ann))
    [entry] = await entries(cache, "relay-2")
    before = REGISTRY.get_sample_value("duet_threads_hints_lost_total") or 0
    [limit] = await cache.hot.ask(("CONFIG", "GET", "maxmemory"))
    await cache.hot.ask(("CONFIG", "SET", "maxmemory", 1))
    try:
        link.say(ReadBatch(7, "relay-1", [ReadMark(ann.id, "ann", "bob", 1)]))
        done = await link.receive(ReadDone)
        while REGISTRY.get_sample_value("duet_threads_hints_lost_total") == before:
            await asyncio.sleep(0.01)
    finally:
        await cache.hot.ask(("CONFIG", "SET", *limit))
    await hold(cache, "relay-2", bob)  # its lease may have ended meanwhile
    async with asyncio.timeout(10):
        while entry.deliveries:
            [*_, entry] = await entries(cache, "relay-2")
    assert list(entry.notices) == [notice for notice in done.notices if notice.user == bob.id]


async def test_a_crash_after_the_commit_is_answered_by_the_repetition(
    threads: Service, ann: User, bob: User
) -> None:
    failpoints.arm("threads.after_commit=error@1")
    sent = {"client_id": "00000000-0000-7000-8000-000000000001", "text": "hi"}
    assert (await threads.as_user(ann, "POST", "/api/threads/bob/messages", sent))[0] == 503
    status, message = await threads.as_user(ann, "POST", "/api/threads/bob/messages", sent)
    assert (status, message["seq"]) == (200, 1)
