"""`python -m deploy.local` with real servers and stand-in programs."""

import dataclasses
import os
import sys

from deploy.local.program import Program, Stage
from deploy.local.run import main
from deploy.local.settings import Settings
from deploy.local.table import stages
from shared.testing.pace import slowness

_MODULE = "deploy.local.tests.standin"


def table(settings: Settings) -> list[Stage]:
    return [[_standin(program) for program in stage] for stage in stages(settings)]


def _standin(program: Program) -> Program:
    if program.name in {"postgres", "redis"}:
        return program
    hopeless = f"{program.name}=hopeless" in os.environ.get("DUET_STANDIN_FAULTS", "")
    return dataclasses.replace(
        program,
        module=_MODULE,
        stop_within_s=2.0,
        ready_within_s=2.0 * slowness() if hopeless else program.ready_within_s,  # it must have answered
    )


sys.exit(main(table))
