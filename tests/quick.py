"""The local run, but passwords are hashed with the least memory: people sign up by the hundred in tests."""

import sys
from dataclasses import replace

from deploy.local import run
from deploy.local.program import Program, Stage
from deploy.local.settings import Settings
from deploy.local.table import stages


def table(settings: Settings) -> list[Stage]:
    """The usual one, apart from auth."""
    return [[_quick(program) for program in stage] for stage in stages(settings)]


def _quick(program: Program) -> Program:
    if program.name != "auth":
        return program
    return replace(program, module="tests.quick_auth")


if __name__ == "__main__":
    sys.exit(run.main(table))
