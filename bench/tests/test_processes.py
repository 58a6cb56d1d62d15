"""Whose CPU and memory is whose."""

import os
import subprocess
import sys

from bench.measure.processes import trees

_STARTS_ANOTHER = """
import subprocess
child = subprocess.Popen(["sleep", "60"])
print(child.pid, flush=True)
child.wait()
"""


def test_a_program_that_another_one_started_counts_for_itself_alone() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _STARTS_ANOTHER], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        try:
            assert trees({"supervisor": [parent.pid], "relay-1": [child]}) == {
                "supervisor": [parent.pid],
                "relay-1": [child],
            }
            assert trees({"all": [parent.pid]}) == {"all": sorted([parent.pid, child])}
        finally:
            os.kill(child, 9)
