"""A process that is given up leaves nothing behind, whenever that is."""

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from shared.plumbing.processes import killed, spawned


@pytest.mark.parametrize("turns", [1, 2, 3, 5])
async def test_one_that_is_given_up_while_it_starts_has_ended(tmp_path: Path, turns: int) -> None:
    marks = tmp_path / "pid"
    command = ["sh", "-c", f"echo $$ > {marks}; exec cat"]
    starting = asyncio.create_task(spawned(asyncio.create_subprocess_exec(*command, stdin=PIPE)))
    for _ in range(turns):
        await asyncio.sleep(0)
    while not starting.done():
        starting.cancel()
        await asyncio.sleep(0)
    if not starting.cancelled():  # it was quicker
        await killed(starting.result())
    if marks.exists() and (pid := marks.read_text()):
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


async def test_a_late_process_is_ended_by_who_gave_it_up() -> None:
    made: list[Process] = []

    async def late() -> Process:
        await asyncio.sleep(0.05)
        made.append(await asyncio.create_subprocess_exec("cat", stdin=PIPE))
        return made[0]

    starting = asyncio.create_task(spawned(late()))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert made[0].returncode is not None


async def test_one_that_does_not_start_says_so() -> None:
    with pytest.raises(FileNotFoundError):
        await spawned(asyncio.create_subprocess_exec("/no/such/program"))


async def test_a_kill_may_come_after_the_end() -> None:
    process = await spawned(asyncio.create_subprocess_exec("true"))
    await process.wait()
    await killed(process)
    assert process.returncode == 0
