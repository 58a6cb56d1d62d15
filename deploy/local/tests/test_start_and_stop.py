import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from deploy.local.settings import OWNERS_OF_DATA, REPOSITORY
from deploy.local.tests.conftest import Start
from deploy.local.tests.driver import PROGRAMS, WITHIN_S, lives


def test_one_ready_line_and_a_pid_file_for_each_program_then_an_orderly_end(start: Start) -> None:
    run = start(bare=True).until_ready()
    assert run.running() == set(PROGRAMS)
    assert run.stop() == 0
    said = run.everything_said()
    assert re.findall(r"^Duet is ready at .*$", said, re.M) == [
        f"Duet is ready at http://127.0.0.1:{run.port}"
    ]
    assert not run.running()
    ended = [line.split()[0] for line in run.diary.read_text().splitlines() if line.endswith("ended")]
    assert set(ended[:3]) == {"gateway", "relay-1", "relay-2"}
    assert set(ended[3:]) == set(OWNERS_OF_DATA)


def test_ctrl_c_drains_too_and_the_database_is_closed_cleanly(start: Start) -> None:
    run = start().until_ready()
    assert run.stop(signal.SIGINT) == 0
    assert "database system is shut down" in (run.data_dir / "log" / "postgres.log").read_text()


def test_a_second_ctrl_c_does_not_wait_for_a_program_that_will_not_stop(start: Start) -> None:
    run = start(DUET_STANDIN_FAULTS="threads=deaf").until_ready()
    run.process.send_signal(signal.SIGINT)
    run.wait_for_line("Stopping")
    time.sleep(1.1)  # closer together they count as one: make passes on what its group has got
    run.process.send_signal(signal.SIGINT)
    run.wait_for_line(r"threads did not stop in time: killed")
    assert run.stop() == 0


def test_ctrl_c_during_the_start_ends_what_has_been_started(start: Start) -> None:
    run = start(DUET_STANDIN_FAULTS="auth=unready")
    run.wait_for_line(r"redis +ready")
    assert run.stop(signal.SIGINT) == 0
    assert not run.running()
    assert "Duet is ready" not in run.everything_said()


def test_two_instances_run_side_by_side(start: Start) -> None:
    one, two = start("one").until_ready(), start("two").until_ready()
    assert one.running() == two.running() == set(PROGRAMS)


def test_relays_as_many_as_asked_for_and_the_public_url_in_the_ready_line(start: Start) -> None:
    run = start(DUET_RELAYS="3", DUET_PUBLIC_URL="https://duet.example")
    assert run.wait_for_line("^Duet is ready") == "Duet is ready at https://duet.example"
    assert {"relay-1", "relay-2", "relay-3"} < run.running()


def test_programs_have_the_hard_limit_of_open_files_and_directories_nobody_else_may_read(
    start: Start,
) -> None:
    run = start().until_ready()
    soft, hard = psutil.Process(run.pid_of("relay-1")).rlimit(psutil.RLIMIT_NOFILE)
    assert soft == hard
    for directory in ("keys", "run", "log", "postgres"):
        assert (run.data_dir / directory).stat().st_mode & 0o066 == 0


def test_a_test_run_that_was_killed_takes_its_duet_along(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from deploy.local.tests.driver import LocalRun\n"
        "run = LocalRun(pathlib.Path(sys.argv[1]), DUET_END_WITH_PARENT='1').until_ready()\n"
        "print(run.process.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "var")]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        supervisor = int(parent.stdout.readline())
        parent.kill()
        deadline = time.monotonic() + WITHIN_S
        while lives(supervisor) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert not lives(supervisor)
    assert not list((tmp_path / "var" / "run").glob("*.pid"))
