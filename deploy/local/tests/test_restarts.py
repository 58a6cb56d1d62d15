import os
import signal
import time

from deploy.local.tests.conftest import Start
from deploy.local.tests.driver import PROGRAMS, lives
from shared.testing.pace import slowness


def test_whatever_is_killed_is_back_within_seconds_as_another_process(start: Start) -> None:
    run = start().until_ready()
    for name in PROGRAMS:
        before = run.pid_of(name)
        killed_at = time.monotonic()
        run.kill(name)
        run.wait_for_line(rf"{name} was ended by SIGKILL: next start now")
        run.wait_for_line(rf"{name} is back after")
        assert time.monotonic() - killed_at < 5 * slowness()
        assert run.pid_of(name) != before
        assert run.running() == set(PROGRAMS)


def test_the_pause_stays_short_for_a_program_that_was_ready_each_time(start: Start) -> None:
    run = start().until_ready()
    pauses = []
    for _ in range(3):
        run.kill("game")
        pauses.append(run.wait_for_line("game was ended").rpartition(": next start ")[2])
        run.wait_for_line("game is back")
    assert pauses == ["now", "in 0.5 s", "in 0.5 s"]


def test_a_start_after_the_supervisor_was_killed_ends_what_it_left_and_keeps_the_data(start: Start) -> None:
    first = start().until_ready()
    left = [first.pid_of(name) for name in PROGRAMS]
    first.process.kill()
    first.process.wait()
    second = start(DUET_PORT=str(first.port))
    second.wait_for_line("Ending what an earlier run left behind: .*")
    second.until_ready()
    assert not any(lives(pid) for pid in left)
    assert second.running() == set(PROGRAMS)


def test_a_start_after_everything_was_killed_at_once_recovers_the_database(start: Start) -> None:
    first = start().until_ready()
    first.process.send_signal(signal.SIGSTOP)
    for name in PROGRAMS:
        os.kill(first.pid_of(name), signal.SIGKILL)
    first.process.kill()
    first.process.wait()
    second = start().until_ready()
    assert second.running() == set(PROGRAMS)
    assert "database system was not properly shut down" in (second.data_dir / "log/postgres.log").read_text()


def test_a_strangers_process_that_got_an_old_number_is_left_alone(start: Start) -> None:
    first = start().until_ready()
    first.stop()
    (first.data_dir / "run" / "auth.pid").write_text(f"{os.getpid()}\n")
    assert start().until_ready().running() == set(PROGRAMS)
