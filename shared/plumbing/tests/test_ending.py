"""Tasks end when their owner does, whatever a library does to a cancellation."""

import asyncio

from shared.plumbing.app import background, end


async def test_a_task_that_swallows_its_first_cancellation_ends_all_the_same() -> None:
    swallowed = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            swallowed.set()
        await asyncio.sleep(3600)

    async with asyncio.timeout(10):
        async with background(stubborn()) as task:
            await asyncio.sleep(0)
        assert task.cancelled()
        assert swallowed.is_set()


async def test_ending_nothing_returns_at_once() -> None:
    await end()
