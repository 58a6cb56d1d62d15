import asyncio
import sys
from pathlib import Path

import pytest

from deploy.local import logs, supervisor
from deploy.local.program import Program

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_a_long_log_moves_aside_under_the_program_that_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "ROTATE_AT_BYTES", 100)
    path = tmp_path / "auth.log"
    with logs.open_log(path) as log:
        log.write(b"x" * 101)
        log.flush()
        logs.rotate(path)
        log.write(b"after\n")
        log.flush()
    assert (tmp_path / "auth.log.1").read_bytes() == b"x" * 101
    assert path.read_bytes() == b"after\n"


def test_a_log_is_shortened_also_when_the_disk_has_no_room_for_the_old_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "ROTATE_AT_BYTES", 100)
    path, old = tmp_path / "auth.log", tmp_path / "auth.log.1"
    path.write_bytes(b"x" * 101)
    old.symlink_to("/dev/full")
    with logs.open_log(path) as log:
        log.write(b"after\n")
    assert path.read_bytes() == b"after\n"
    assert not old.exists()


async def test_one_log_that_cannot_be_shortened_does_not_keep_the_others_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "ROTATE_AT_BYTES", 100)
    monkeypatch.setattr(supervisor, "_LOG_CHECK_INTERVAL_S", 0.01)
    said: list[str] = []
    programs = [Program(name, SLEEP, ready) for name in ("auth", "game")]
    running = supervisor.Supervisor([programs], tmp_path, tmp_path, said.append)
    await running.start()
    try:
        (tmp_path / "auth.log.1").mkdir()
        for name in ("auth", "game"):
            (tmp_path / f"{name}.log").write_bytes(b"x" * 101)
        complaint = f"{tmp_path}/auth.log cannot be kept short: "
        async with asyncio.timeout(20):  # either may be looked at first
            while (tmp_path / "game.log").stat().st_size or not any(complaint in line for line in said):
                await asyncio.sleep(0.01)
    finally:
        await running.stop()


async def ready() -> str:
    return ""


def test_the_tail_is_of_this_start_alone(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_text("yesterday\n")
    start = path.stat().st_size
    with path.open("a") as log:
        log.write("one\ntwo\nthree\n")
    assert logs.tail(path, start, lines=2) == "    two\n    three"
    assert logs.tail(path, start, lines=9).startswith("    one")
    assert logs.tail(tmp_path / "absent") == ""
