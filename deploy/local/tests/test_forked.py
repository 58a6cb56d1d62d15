"""Programs that the fork server becomes."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from deploy.local.forked import ForkedProcess, ForkServer
from deploy.local.leftovers import MARK
from deploy.local.program import Program
from deploy.local.settings import REPOSITORY
from deploy.local.supervised import Supervised

ENVIRONMENT = {"PATH": os.defpath, MARK: "here"}


async def ready() -> str:
    return ""


def program(module: str, **environment: str) -> Program:
    told = {**ENVIRONMENT, "PYTHONPATH": str(REPOSITORY), **environment}
    return Program("it", [], ready, module, options={"env": told, "cwd": REPOSITORY})


@pytest.fixture
async def forks(tmp_path: Path) -> AsyncIterator[ForkServer]:
    server = ForkServer(ENVIRONMENT, REPOSITORY, tmp_path / "fork-server.log")
    yield server
    await server.end()


async def run(forks: ForkServer, program: Program, log: Path) -> ForkedProcess:
    with log.open("wb") as file:
        return await forks.start(program, file)


async def test_it_is_told_its_own_settings_and_ends_with_its_own_exit_code(
    forks: ForkServer, tmp_path: Path
) -> None:
    log = tmp_path / "it.log"
    wrong = await run(forks, program("services.relay", DUET_RELAY_PORT="none"), log)
    assert await wrong.wait() == wrong.returncode == 1
    assert "DUET_RELAY_PORT must be a whole number" in log.read_text()
    right = await run(forks, program("this"), log)
    assert await right.wait() == 0
    assert "Beautiful is better than ugly." in log.read_text()


async def test_it_is_a_process_like_any_other_to_ps_and_to_signals(forks: ForkServer, tmp_path: Path) -> None:
    process = await run(forks, program("deploy.local.tests.sleeper"), tmp_path / "it.log")
    seen = psutil.Process(process.pid)
    async with asyncio.timeout(30):
        while seen.name() != "duet-it":
            await asyncio.sleep(0.01)
    assert (seen.cwd(), os.getsid(process.pid)) == (str(REPOSITORY), process.pid)
    assert seen.environ()[MARK] == "here"
    async with asyncio.timeout(30):  # until it has imported what it runs
        while {file.path for file in seen.open_files()} != {str(tmp_path / "it.log")}:
            await asyncio.sleep(0.01)
    memory = seen.memory_full_info()
    assert memory.uss < memory.rss / 4  # what was imported for all is in memory once
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == -signal.SIGTERM


async def test_a_fault_that_it_alone_is_told_of_is_armed_there(forks: ForkServer, tmp_path: Path) -> None:
    armed = program("deploy.local.tests.faults", DUET_FAILPOINTS="somewhere=kill", DUET_LISTEN="unix:/x")
    process = await run(forks, armed, tmp_path / "it.log")
    assert await process.wait() == -signal.SIGKILL, (tmp_path / "it.log").read_text()


async def test_a_killed_fork_server_takes_its_programs_along_and_all_are_back(
    forks: ForkServer, tmp_path: Path
) -> None:
    said: list[str] = []
    child = Supervised(program("deploy.local.tests.sleeper"), tmp_path, tmp_path, said.append, forks)
    await child.start()
    before = int(child.pid_file.read_text())
    try:
        server = psutil.Process(before).parent()
        assert server is not None
        server.kill()
        async with asyncio.timeout(30):
            while not any("is back" in line for line in said):
                await asyncio.sleep(0.01)
        assert said[0] == "it was ended by SIGKILL: next start now"
        assert not psutil.pid_exists(before) or psutil.Process(before).status() == psutil.STATUS_ZOMBIE
    finally:
        await child.stop(asyncio.Event())
    assert child.log_file.exists()


@pytest.mark.parametrize("ended", [False, True])
async def test_a_fork_server_that_cannot_begin_says_where_to_look(tmp_path: Path, ended: bool) -> None:
    broken = ForkServer({**ENVIRONMENT, "PYTHONHOME": "/nowhere"}, REPOSITORY, tmp_path / "broken.log")
    await broken.begin()
    if ended:
        assert broken._process is not None
        with contextlib.suppress(ChildProcessError):  # it was waited for already
            os.waitid(os.P_PID, broken._process.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 - no turn meanwhile
    with pytest.raises(ConnectionError, match=r"the fork server has ended: see .*broken\.log"):
        await run(broken, program("this"), tmp_path / "it.log")
    assert "/nowhere" in (tmp_path / "broken.log").read_text()
    await broken.end()
