"""The directory: entries count while their node's lease holds; Redis may be wiped or away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.plumbing.redis.client import Redis, redis
from shared.plumbing.redis.directory import Directory, Membership
from shared.plumbing.redis.proof import RedisProof
from shared.plumbing.tasks import running


@pytest.fixture
async def opened(clean_redis_url: str) -> AsyncIterator[Redis]:
    async with redis(clean_redis_url) as commands:
        yield commands


async def until(directory: Directory, users: list[int], expected: dict[int, list[str]]) -> None:
    async with asyncio.timeout(10):
        while await directory.nodes_of(users) != expected:
            await asyncio.sleep(0.02)


async def test_users_are_found_on_the_nodes_that_hold_them(opened: Redis) -> None:
    one, two, directory = Membership(opened, "one"), Membership(opened, "two"), Directory(opened)
    async with running(one.keep), running(two.keep):
        await one.join(1)
        await two.join(2)
        await two.join(1)
        await until(directory, [2, 3], {2: ["two"]})
        async with asyncio.timeout(10):
            while set((await directory.nodes_of([1])).get(1, [])) != {"one", "two"}:
                await asyncio.sleep(0.02)
        await one.leave(1)
        assert await directory.nodes_of([1]) == {1: ["two"]}
        assert await directory.online([1, 2, 3]) == {1, 2}


async def test_of_nodes_that_come_and_leave_at_once_the_first_and_the_last_know_it(
    opened: Redis, clean_redis_url: str
) -> None:
    users = range(1, 21)
    async with redis(clean_redis_url) as other:
        nodes = Membership(opened, "one"), Membership(other, "two")
        for node in nodes:
            await node.renew()

        async def each(does: Callable[[Membership, int], Awaitable[set[int] | None]]) -> None:
            """One a call, so that the nodes take turns; each user is held by the other for one of the two alone."""
            held = await asyncio.gather(*(does(node, user) for user in users for node in nodes))
            assert sorted(user for found in held for user in found or ()) == list(users)

        await each(Membership.join)
        await each(Membership.leave)


async def test_what_a_dead_node_left_behind_does_not_count(opened: Redis) -> None:
    dead, directory = Membership(opened, "one"), Directory(opened)
    async with running(dead.keep):
        await dead.join(1)
        await until(directory, [1], {1: ["one"]})
    again = Membership(opened, "one")
    async with running(again.keep):
        await again.join(2)
        await until(directory, [1, 2], {2: ["one"]})


async def test_a_node_writes_itself_in_again_after_a_wipe(opened: Redis) -> None:
    node, directory = Membership(opened, "one"), Directory(opened)
    async with running(node.keep):
        await node.join(1)
        await until(directory, [1], {1: ["one"]})
        await opened.hot.ask(("FLUSHALL",))
        assert await directory.nodes_of([1]) == {}
        await until(directory, [1], {1: ["one"]})


async def hiccup(redis: Redis) -> None:
    """Redis fails once, and is left alone for half a second."""

    async def fail() -> None:
        raise TimeoutError

    await redis.attempt(fail, None)


async def test_what_changed_during_a_hiccup_is_written_although_the_lease_was_never_lost(
    opened: Redis, clean_redis_url: str
) -> None:
    async with redis(clean_redis_url) as other:
        node, directory = Membership(opened, "one"), Directory(other)
        async with running(node.keep):
            await node.join(1, 2)
            await until(directory, [1, 2, 3], {1: ["one"], 2: ["one"]})
            await hiccup(opened)
            await node.leave(1, 2)
            await node.join(2, 3)
            await until(directory, [1, 2, 3], {2: ["one"], 3: ["one"]})


async def test_while_redis_is_away_nobody_is_found_and_nothing_fails() -> None:
    async with redis("unix:///nonexistent/valkey.sock") as away:
        node = Membership(away, "one")
        await node.join(1)
        assert await Directory(away).nodes_of([1]) == {}
        assert node.users == {1}
        assert (await RedisProof(away).check()).startswith("degraded: nobody listens")
