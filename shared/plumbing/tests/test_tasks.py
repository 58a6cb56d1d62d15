"""Tasks end when their owner does, whatever a library does to a cancellation, and never fail in silence."""

import asyncio
from functools import partial

from structlog.testing import capture_logs

from shared.plumbing.tasks import Tasks, end, finish, running


async def forever() -> None:
    await asyncio.sleep(3600)


async def test_a_task_that_swallows_its_first_cancellation_ends_all_the_same() -> None:
    begun, swallowed = asyncio.Event(), asyncio.Event()

    async def stubborn() -> None:
        try:
            begun.set()
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            swallowed.set()
        await asyncio.sleep(3600)

    async with asyncio.timeout(10):
        async with running(stubborn):
            await begun.wait()
        assert swallowed.is_set()
        begun.clear()
        tasks = Tasks()
        task = tasks.start(stubborn())
        await begun.wait()
        await tasks.close()
        assert task.cancelled()
        assert not len(tasks)


async def test_ending_nothing_returns_at_once() -> None:
    await end()


async def test_what_must_finish_finishes_however_often_it_is_cancelled() -> None:
    may_end, ended = asyncio.Event(), asyncio.Event()

    async def cleanup() -> str:
        await may_end.wait()
        ended.set()
        return "clean"

    cleaning = asyncio.create_task(finish(cleanup()))
    for _ in range(3):
        await asyncio.sleep(0)
        cleaning.cancel()
    await asyncio.sleep(0)
    assert not cleaning.done()
    may_end.set()
    async with asyncio.timeout(10):
        await asyncio.wait([cleaning])
    assert cleaning.cancelled()
    assert ended.is_set()
    assert await finish(cleanup()) == "clean"


async def test_what_runs_beside_a_block_starts_again_after_an_error() -> None:
    lives: list[int] = []
    again = asyncio.Event()

    async def fragile(until: int) -> None:
        lives.append(len(lives))
        if len(lives) < until:
            raise RuntimeError("a defect")
        again.set()
        await asyncio.sleep(3600)

    with capture_logs() as logs:
        async with asyncio.timeout(10), running(partial(fragile, 2), forever):
            await again.wait()
    [said] = [entry for entry in logs if entry["event"] == "a task failed and starts again"]
    assert said["task"].endswith("fragile")


async def test_what_returns_is_not_run_again() -> None:
    lives: list[int] = []

    async def short() -> None:
        lives.append(1)

    async with running(short):
        for _ in range(5):
            await asyncio.sleep(0)
    assert lives == [1]


async def test_the_failure_of_a_task_is_logged_when_it_happens() -> None:
    async def broken() -> None:
        raise RuntimeError("a defect")

    tasks = Tasks()
    with capture_logs() as logs:
        task = tasks.start(broken())
        assert len(tasks) == 1
        await asyncio.wait([task])
        await asyncio.sleep(0)
    assert [entry["event"] for entry in logs] == ["a task failed"]
    assert logs[0]["task"].endswith("broken")
    assert not len(tasks)
