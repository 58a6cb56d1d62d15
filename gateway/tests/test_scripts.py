"""The pages' scripts that need no page, run by node's own test runner."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "js"
NODE = Path(sys.executable).with_name("node")


@pytest.mark.parametrize("tests", sorted(HERE.glob("*.test.js")), ids=lambda tests: tests.name)
def test_the_scripts_do_what_their_own_tests_say(tests: Path) -> None:
    command: list[str | Path] = [NODE, "--test", "--test-force-exit", "--test-reporter=spec", tests]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
