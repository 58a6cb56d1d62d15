"""The local run with what single programs are told replaced: `<data dir>/chaos.json`, read again at every start.

The file maps a program's name (or `*`) to variables: `{"relay-1": {"DUET_THREADS_URL": "unix:/proxy.sock"}}`.
CHECKOUT among them is for us: the program is run from there. A forked one cannot be.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deploy.local import run
from deploy.local.program import Program, Stage
from deploy.local.settings import Settings
from deploy.local.table import stages
from tests.chaos.doubles.hosts import hosts_of
from tests.chaos.doubles.table import doubled

OVERRIDES = "chaos.json"
CHECKOUT = "CHAOS_CHECKOUT"


def table(settings: Settings) -> list[Stage]:
    """The usual table, each program that has an environment prepared to hear the overrides."""
    return [
        [_told_anew(program, settings.data_dir / OVERRIDES) for program in stage] for stage in usual(settings)
    ]


def usual(settings: Settings) -> Sequence[Stage]:
    """Without overrides: as `make run` does it, or two of each where there are hosts."""
    hosts = hosts_of(settings.data_dir)
    return doubled(settings, hosts) if hosts else stages(settings)


def _told_anew(program: Program, overrides: Path) -> Program:
    if "env" not in program.options:
        return program
    usual, usual_place = dict(program.options["env"]), program.options["cwd"]
    environment = dict(usual)
    options = {**program.options, "env": environment}

    def prepare() -> None:
        program.prepare()
        told = json.loads(overrides.read_text()) if overrides.exists() else {}
        environment.clear()
        environment.update({**usual, **told.get("*", {}), **told.get(program.name, {})})
        options["cwd"] = environment.pop(CHECKOUT, usual_place)

    return replace(program, prepare=prepare, options=options)


if __name__ == "__main__":
    sys.exit(run.main(table))
