import asyncio
import signal
import sys
from pathlib import Path

import pytest

from deploy.local.errors import CannotStart
from deploy.local.program import Program
from deploy.local.supervised import Supervised


async def ready() -> str:
    return ""


async def test_a_restart_for_new_code_waits_for_nothing_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    program = Program("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], ready)
    child = Supervised(program, tmp_path, tmp_path, said.append)
    await child.start()
    try:
        for _ in range(3):
            before = child.pid_file.read_text()
            await child.restart()
            async with asyncio.timeout(20):
                while not child.pid_file.exists() or child.pid_file.read_text() in ("", before):
                    await asyncio.sleep(0.01)
    finally:
        await child.stop(asyncio.Event())
    assert [line for line in said if "new code" in line] == ["sleeper has new code: next start now"] * 3
    assert not child.pid_file.exists()


async def test_a_command_that_is_not_there_is_the_last_word(tmp_path: Path) -> None:
    child = Supervised(Program("ghost", ["/nonexistent/ghost"], ready), tmp_path, tmp_path, lambda text: None)
    with pytest.raises(CannotStart, match=r"ghost cannot be run: .*No such file or directory"):
        await child.start()


async def test_a_program_whose_pid_cannot_be_written_is_run_and_run_again_all_the_same(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    program = Program("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], ready)
    child = Supervised(program, tmp_path, tmp_path, said.append)
    child.pid_file.mkdir()  # any error of the file system will do; a full disk is another
    await child.start()
    try:
        child._signal(signal.SIGKILL)
        async with asyncio.timeout(20):
            while not any("is back" in line for line in said):
                await asyncio.sleep(0.01)
    finally:
        await child.stop(asyncio.Event())
    assert sum("cannot be written down" in line for line in said) == 2
