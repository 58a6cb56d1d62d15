"""The hashing threads: bounded, and never in the way of the event loop."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from time import process_time

import pytest

from services.auth.hashing import WORKERS, Asker, Hasher, hasher
from shared.wire.problems import Unavailable

ANN = Asker("ann", owns=True)
pytestmark = pytest.mark.usefixtures("real_hashes")


async def test_a_hash_fits_its_password_only() -> None:
    with hasher() as hashing:
        stored = await hashing.hash("violet teapot", ANN)
        assert await hashing.verify(stored, "violet teapot", ANN)
        assert not await hashing.verify(stored, "violet teapots", ANN)
        assert not await hashing.verify(None, "violet teapot", ANN)
        assert not hashing.is_outdated(stored)


async def test_what_is_no_hash_fits_nothing_and_costs_the_same() -> None:
    with hasher() as hashing:
        stored = await hashing.hash("violet teapot", ANN)

        async def cost_s(kept: str) -> float:
            """CPU time, which others on the machine do not add to."""
            started = process_time()
            assert not await hashing.verify(kept, "wrong password", ANN)
            return process_time() - started

        real = min([await cost_s(stored) for _ in range(3)])
        for broken in ("", "!", "$argon2id$v=19$broken"):
            assert await cost_s(broken) > real / 2


async def test_a_full_queue_is_a_503_until_a_hash_is_done() -> None:
    gate = threading.Event()
    with ThreadPoolExecutor(WORKERS) as executor:
        hashing = Hasher(executor, max_waiting=1, fair=False)
        for _ in range(WORKERS):
            executor.submit(gate.wait)
        taken = [asyncio.create_task(hashing.hash("violet teapot", ANN)) for _ in range(WORKERS + 1)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await hashing.hash("one too many", ANN)
        gate.set()
        assert all(stored.startswith("$argon2id$") for stored in await asyncio.gather(*taken))
        assert await hashing.hash("room again", ANN)


async def test_one_address_takes_a_fifth_of_the_places_and_strangers_three_quarters() -> None:
    gate = threading.Event()
    with ThreadPoolExecutor(WORKERS) as executor:
        hashing = Hasher(executor, max_waiting=32)
        taken: list[asyncio.Task[bool]] = []

        async def places(askers: list[Asker]) -> int:
            """How many of these are let in, one after the other."""
            before = len(taken)
            for asker in askers:
                task = asyncio.create_task(hashing.compute(lambda: gate.wait(30), asker))
                await asyncio.sleep(0)
                if task.done():
                    assert isinstance(task.exception(), Unavailable)
                else:
                    taken.append(task)
            return len(taken) - before

        try:
            assert await places([Asker("192.0.2.1")] * 40) == 6
            assert await places([Asker(f"198.51.100.{number}") for number in range(40)]) == 20
            assert await places([ANN] * 40) == 6
            assert await places([Asker(f"user{number}", owns=True) for number in range(40)]) == 2
        finally:
            gate.set()
        await asyncio.gather(*taken)
        async with asyncio.timeout(5):
            while hashing.pending:
                await asyncio.sleep(0.01)


async def test_a_cancelled_caller_still_counts_until_its_hash_is_done() -> None:
    gate = threading.Event()
    with ThreadPoolExecutor(WORKERS) as executor:
        hashing = Hasher(executor, max_waiting=0, fair=False)
        running = [asyncio.create_task(hashing.compute(lambda: gate.wait(30), ANN)) for _ in range(WORKERS)]
        await asyncio.sleep(0)
        running[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await running[0]
        with pytest.raises(Unavailable):
            await hashing.hash("still busy", ANN)
        gate.set()
        assert await running[1]


async def test_the_event_loop_runs_while_passwords_are_hashed() -> None:
    with hasher() as hashing:
        work = asyncio.gather(*(hashing.hash("violet teapot", ANN) for _ in range(8)))
        turns = 0
        while not work.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert turns > 8
