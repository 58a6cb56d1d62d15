"""Buckets of several processes, counted in one Valkey."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from shared.plumbing.limits.buckets import Buckets
from shared.plumbing.limits.ledger import EVERY_S, Ledger
from shared.plumbing.redis.client import Redis, redis
from shared.plumbing.tasks import running

Kept = Callable[[], contextlib.AbstractAsyncContextManager[Ledger]]
_WITHIN_S = 10.0


@pytest.fixture
def kept(clean_redis_url: str) -> Kept:
    """A ledger as a process of its own has it."""
    return partial(_kept, clean_redis_url)


@contextlib.asynccontextmanager
async def _kept(url: str) -> AsyncIterator[Ledger]:
    ledger = Ledger()
    async with redis(url) as opened, running(partial(ledger.keep, opened)):
        await asyncio.sleep(0)  # until then it is not kept
        yield ledger


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_WITHIN_S):
        while not condition():
            await asyncio.sleep(EVERY_S / 10)


async def test_what_one_gives_out_another_has_no_more(kept: Kept) -> None:
    async with kept() as one, kept() as other:
        ours, theirs = (ledger.buckets("calls", rate=0.01, burst=10) for ledger in (one, other))
        assert [ours.take("ann") for _ in range(10)] == [0.0] * 10
        assert theirs.take("ann") == 0.0  # it has not heard yet, and owes it
        await until(lambda: theirs.take("ann", 0.001) > 0)
        assert theirs.missing("ann") > 10.5
        assert theirs.take("bob") == 0.0


async def test_what_two_give_out_by_turns_is_what_one_would(kept: Kept) -> None:
    async with kept() as one, kept() as other:
        buckets = [ledger.buckets("calls", rate=20, burst=100) for ledger in (one, other)]
        began, taken = time.monotonic(), 0
        while time.monotonic() - began < 1.0:
            for of in buckets:
                taken += of.take("ann") == 0.0
            await asyncio.sleep(0.005)
        due = 100 + 20 * (time.monotonic() - began)
        alone = 2 * due
        assert 0.9 * due < taken < due + 0.4 * (alone - due)
        # Whatever was too much is owed: in the end it is exactly the rate.
        assert all(of.missing("ann") > 95 for of in buckets)


async def test_what_comes_back_comes_back_for_all(kept: Kept) -> None:
    async with kept() as one, kept() as other:
        ours, theirs = (ledger.buckets("calls", rate=0.01, burst=10) for ledger in (one, other))
        ours.take("ann", 8)
        ours.charge("ann", -7)
        await until(lambda: theirs.take("ann", 0) == 0.0 and theirs.missing("ann") > 0.5)
        assert theirs.missing("ann") < 1.5


async def test_without_redis_each_counts_for_itself_and_nobody_waits(tmp_path: object) -> None:
    async with _kept(f"unix://{tmp_path}/nobody.sock") as ledger:
        bucket = ledger.buckets("calls", rate=0.01, burst=10)
        began = time.perf_counter()
        assert [bucket.take("ann") == 0.0 for _ in range(12)] == [True] * 10 + [False] * 2
        assert time.perf_counter() - began < EVERY_S
        await asyncio.sleep(2 * EVERY_S)
        assert bucket.take("ann") > 0


async def test_a_server_that_has_forgotten_all_is_told_again_of_what_is_new(
    kept: Kept, clean_redis_url: str
) -> None:
    async with kept() as one, kept() as other, redis(clean_redis_url) as admin:
        ours, theirs = (ledger.buckets("calls", rate=0.01, burst=10) for ledger in (one, other))
        ours.take("ann")
        await until_known(admin)
        await admin.hot.ask(("FLUSHALL",), ("SCRIPT", "FLUSH"))
        assert [ours.take("ann") for _ in range(9)] == [0.0] * 9
        assert theirs.take("ann") == 0.0
        await until(lambda: theirs.take("ann") > 0)
        assert ours.take("ann") > 0


async def until_known(admin: Redis) -> None:
    async with asyncio.timeout(_WITHIN_S):
        while not (await admin.hot.ask(("KEYS", "duet:bucket:*")))[0]:
            await asyncio.sleep(EVERY_S / 10)


def test_a_bucket_of_nobody_else_needs_no_ledger_kept() -> None:
    bucket: Buckets = Ledger().buckets("calls", rate=1, burst=2, clock=lambda: 0.0)
    assert [bucket.take("ann") for _ in range(3)] == [0.0, 0.0, 1.0]
