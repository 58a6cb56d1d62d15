"""The local run, but passwords are hashed with the least memory: people sign up by the hundred in tests.

`python -m tests.quick` is the supervisor, `python -m tests.quick auth` the program that is another than usual.
"""

import runpy
import sys
from dataclasses import replace

from deploy.local import run
from deploy.local.program import Program, Stage
from deploy.local.settings import Settings
from deploy.local.table import stages
from services.auth import hashing


def table(settings: Settings) -> list[Stage]:
    """The usual one, apart from auth."""
    return [[_quick(program) for program in stage] for stage in stages(settings)]


def _quick(program: Program) -> Program:
    if program.name != "auth":
        return program
    return replace(program, command=[sys.executable, "-m", "tests.quick", "auth"])


if __name__ == "__main__":
    if sys.argv[1:] == ["auth"]:
        hashing.MEMORY_KIB, hashing.ITERATIONS = 8, 1
        sys.argv.pop()
        runpy.run_module("services.auth", run_name="__main__")
    else:
        sys.exit(run.main(table))
