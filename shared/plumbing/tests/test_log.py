"""What is logged where nothing can be written."""

import subprocess
import sys
from pathlib import Path

import pytest

_TALKS = """
import structlog
from shared.plumbing.telemetry.log import configure
configure("talker", "info")
for _ in range(3):
    structlog.get_logger().info("something")
print("alive")
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_fails_nobody_who_has_something_to_say() -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run([sys.executable, "-c", _TALKS], stdout=subprocess.PIPE, stderr=full, check=False)
    assert run.stdout == b"alive\n"
