"""A page ends near 512 KiB, and who goes on from where it ended misses nothing."""

import asyncio
from typing import Any

import pytest

from services.threads.pages import MAX_PAGE_BYTES
from services.threads.tests.driver import Service, User, item
from services.threads.tests.test_search import until_found
from shared.wire import codec
from shared.wire.log_calls import Deliveries, DeliveriesAfter

LARGEST = "big " + "\x01" * 3996
"""24 KB as JSON: of 200 such, a page of 4.8 MB could be made."""

SEQS = list(range(1, 101))


@pytest.fixture
async def large(threads: Service, ann: User, bob: User) -> Service:
    """A thread of a hundred of the largest messages, and another of one."""
    await threads.say(ann, bob, *[LARGEST] * 100)
    return threads


async def page_of(large: Service, user: User, path: str, **query: Any) -> Any:
    status, answer = await large.as_user(user, "GET", path, limit=200, **query)
    assert status == 200
    assert len(codec.encode(answer)) < MAX_PAGE_BYTES * 1.1
    return answer


async def test_history_backwards(large: Service, ann: User) -> None:
    found: list[int] = []
    query: dict[str, int] = {}
    more = True
    while more:
        page = await page_of(large, ann, "/api/threads/bob/messages", **query)
        found = [one["seq"] for one in page["messages"]] + found
        query, more = {"before": found[0]}, page["more"]
    assert found == SEQS


async def test_history_forwards(large: Service, ann: User) -> None:
    found: list[int] = []
    more = True
    while more:
        page = await page_of(large, ann, "/api/threads/bob/messages", after=found[-1] if found else 0)
        found += [one["seq"] for one in page["messages"]]
        more = page["more"]
    assert found == SEQS


async def test_around_a_message_the_nearest_are_kept(large: Service, ann: User) -> None:
    page = await page_of(large, ann, "/api/threads/bob/messages", around=50)
    found = [one["seq"] for one in page["messages"]]
    assert found == list(range(found[0], found[-1] + 1))
    assert abs(50 - found[0] - (found[-1] - 50)) <= 1
    assert page["more"]


async def test_the_log_and_replay(large: Service, ann: User, bob: User) -> None:
    found: list[int] = []
    page: Any = None
    while page is None or found[-1] < page["head"]:
        page = await page_of(large, ann, "/api/threads/bob/events", after=found[-1] if found else 0)
        found += [one["seq"] for one in page["events"]]
    assert found == SEQS
    [thread] = {
        one.delivery.thread for one in await (await large.link()).append(item(ann, bob)) if one.delivery
    }
    replayed: list[int] = []
    while len(replayed) < 101:
        asked = DeliveriesAfter(thread, replayed[-1] if replayed else 0)
        answer = await large.as_relay("/internal/deliveries", asked, Deliveries)
        assert sum(len(bytes(one.for_low)) for one in answer.deliveries) < MAX_PAGE_BYTES * 1.1
        replayed += [one.seq for one in answer.deliveries]
    assert replayed == [*SEQS, 101]


async def test_search_and_inbox(large: Service, auth: Any, ann: User) -> None:
    others = [User(100 + n, f"other{n}") for n in range(40)]
    for other in others:
        auth.add(other.id, other.name)
        await large.say(other, ann, LARGEST)
    await until_found(large, ann, "big", count=1, within_s=5)
    for path, name, key in (("/api/search", "messages", "seq"), ("/api/threads", "threads", "username")):
        found: list[Any] = []
        async with asyncio.timeout(20):
            while len(found) < (140 if name == "messages" else 41):
                found, cursor = [], ""
                while cursor is not None:
                    query = {"cursor": cursor} if cursor else {}
                    page = await page_of(
                        large, ann, path, **query, **({"q": "big"} if "search" in path else {})
                    )
                    found += [(one.get("thread"), one[key]) for one in page[name]]
                    cursor = page["next"]
    assert len(found) == len(set(found))


async def test_small_messages_fill_a_page_to_its_limit(threads: Service, ann: User, bob: User) -> None:
    await threads.say(ann, bob, *["small"] * 60)
    for query, more in (({}, True), ({"before": 51}, False), ({"after": 10}, False), ({"after": 9}, True)):
        _, page = await threads.as_user(ann, "GET", "/api/threads/bob/messages", limit=50, **query)
        assert (len(page["messages"]), page["more"]) == (50, more)
