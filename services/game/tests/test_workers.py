"""The processes that search: what they find, and what happens when they die or hang."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from services.game.native.question import Effort, Question
from services.game.tests.faulty_worker import COMMAND, DIES, HANGS
from services.game.turns import MAX_WAITING, Asker
from services.game.workers import Worker, Workers
from shared.wire.problems import Unavailable
from shared.wire.tictactoe import VariantSpec

ONE_TO_WIN = Question(VariantSpec("mnk", 4, 4, 3), "XX..OO" + "." * 10, None, Effort(1000), 0, 1.0)


@pytest.fixture
async def pool() -> AsyncIterator[Workers]:
    """One worker, and patience enough for a busy machine to start the next."""
    async with Workers(1, COMMAND, patience_s=30.0).running() as workers, asyncio.timeout(60):
        workers.begin()
        while not workers.pids:
            await asyncio.sleep(0.02)
        yield workers


async def test_a_worker_answers_one_question_after_the_other(pool: Workers) -> None:
    for _ in range(3):
        found = await pool.ask(ONE_TO_WIN, Asker())
        assert (found[0].cell, found[0].estimate) == (2, 1.0)
    assert await pool.check() == "ok"


async def test_no_worker_runs_before_somebody_asks() -> None:
    async with Workers(1, COMMAND, patience_s=30.0).running() as workers:
        assert (workers.pids, await workers.check()) == ([], "ok")
        assert (await workers.ask(ONE_TO_WIN, Asker()))[0].cell == 2
        assert len(workers.pids) == 1


async def test_a_killed_worker_is_replaced_and_the_question_answered(pool: Workers) -> None:
    await pool.ask(ONE_TO_WIN, Asker())
    before = pool.pids
    os.kill(before[0], signal.SIGKILL)
    assert (await pool.ask(ONE_TO_WIN, Asker()))[0].cell == 2
    assert set(pool.pids).isdisjoint(before)


async def test_a_question_that_kills_every_worker_gets_a_clean_answer(pool: Workers) -> None:
    with pytest.raises(Unavailable):
        await pool.ask(replace(ONE_TO_WIN, seed=DIES), Asker())
    assert (await pool.ask(ONE_TO_WIN, Asker()))[0].cell == 2


async def test_a_worker_that_hangs_is_ended_at_its_deadline(pool: Workers) -> None:
    await pool.ask(ONE_TO_WIN, Asker())
    (hanging,) = pool.pids
    with pytest.raises(Unavailable):
        await pool.ask(replace(ONE_TO_WIN, seed=HANGS, time_limit_s=0.1), Asker())
    assert (await pool.ask(ONE_TO_WIN, Asker()))[0].cell == 2
    with pytest.raises(ProcessLookupError):
        os.kill(hanging, 0)


async def test_a_caller_that_goes_away_leaves_no_answer_for_the_next_one(pool: Workers) -> None:
    await pool.ask(ONE_TO_WIN, Asker())
    asking = asyncio.create_task(pool.ask(replace(ONE_TO_WIN, seed=HANGS), Asker()))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await pool.ask(ONE_TO_WIN, Asker()))[0].cell == 2


async def test_a_worker_whose_start_is_given_up_again_and_again_is_dead(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    starting = asyncio.create_task(
        Worker.start(["sh", "-c", f"echo $$ > {started}.new; mv {started}.new {started}; exec cat"])
    )
    async with asyncio.timeout(10):
        while not started.exists():
            await asyncio.sleep(0.02)
    while not starting.done():
        starting.cancel()
        await asyncio.sleep(0)
    assert starting.cancelled()
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


async def test_without_workers_or_with_too_many_waiting_it_says_so_at_once() -> None:
    with pytest.raises(Unavailable):
        await Workers(0).ask(ONE_TO_WIN, Asker())
    async with Workers(1, ("sleep", "600")).running() as none:
        waiting = [asyncio.create_task(none.ask(ONE_TO_WIN, Asker())) for _ in range(MAX_WAITING)]
        await asyncio.sleep(0)
        assert await none.check() == "degraded"
        with pytest.raises(Unavailable):
            await none.ask(ONE_TO_WIN, Asker())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
