"""The hashing threads: bounded, and never in the way of the event loop."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest

from services.auth.hashing import WORKERS, Hasher, hasher
from shared.wire.problems import Unavailable


async def test_a_hash_fits_its_password_only() -> None:
    with hasher() as hashing:
        stored = await hashing.hash("violet teapot")
        assert await hashing.verify(stored, "violet teapot")
        assert not await hashing.verify(stored, "violet teapots")
        assert not await hashing.verify(None, "violet teapot")
        assert not hashing.is_outdated(stored)


async def test_what_is_no_hash_fits_nothing_and_costs_the_same() -> None:
    with hasher() as hashing:
        stored = await hashing.hash("violet teapot")
        times = []
        for kept in (stored, "", "!", "$argon2id$v=19$broken"):
            started = perf_counter()
            assert not await hashing.verify(kept, "wrong password")
            times.append(perf_counter() - started)
        assert min(times) > times[0] / 3


async def test_a_full_queue_is_a_503_until_a_hash_is_done() -> None:
    gate = threading.Event()
    with ThreadPoolExecutor(WORKERS) as executor:
        hashing = Hasher(executor, max_waiting=1)
        for _ in range(WORKERS):
            executor.submit(gate.wait)
        taken = [asyncio.create_task(hashing.hash("violet teapot")) for _ in range(WORKERS + 1)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await hashing.hash("one too many")
        gate.set()
        assert all(stored.startswith("$argon2id$") for stored in await asyncio.gather(*taken))
        assert await hashing.hash("room again")


async def test_a_cancelled_caller_still_counts_until_its_hash_is_done() -> None:
    gate = threading.Event()
    with ThreadPoolExecutor(WORKERS) as executor:
        hashing = Hasher(executor, max_waiting=0)
        running = [asyncio.create_task(hashing._compute(lambda: gate.wait(30))) for _ in range(WORKERS)]
        await asyncio.sleep(0)
        running[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await running[0]
        with pytest.raises(Unavailable):
            await hashing.hash("still busy")
        gate.set()
        assert await running[1]


async def test_the_event_loop_runs_while_passwords_are_hashed() -> None:
    with hasher() as hashing:
        work = asyncio.gather(*(hashing.hash("violet teapot") for _ in range(8)))
        turns = 0
        while not work.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert turns > 8
