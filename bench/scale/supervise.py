"""The local run with several threads processes: relay n asks threads n mod count; all else asks the first."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from deploy.local import run
from deploy.local.probes import socket_probe
from deploy.local.program import Program, Stage
from deploy.local.settings import Settings
from deploy.local.table import stages

COUNT = "BENCH_THREADS"


def table(settings: Settings) -> list[Stage]:
    """The usual table with BENCH_THREADS threads processes."""
    count = int(os.environ.get(COUNT, "1"))
    return [[program for usual in stage for program in _spread(usual, count)] for stage in stages(settings)]


def _spread(program: Program, count: int) -> list[Program]:
    if program.name == "threads":
        return [program, *(_another(program, number) for number in range(2, count + 1))]
    if program.name.startswith("relay-"):
        number = (int(program.name.removeprefix("relay-")) - 1) % count + 1
        if number > 1:
            usual = program.options["env"]
            told = {**usual, "DUET_THREADS_URL": _numbered(usual["DUET_THREADS_URL"], number)}
            return [replace(program, options={**program.options, "env": told})]
    return [program]


def _another(program: Program, number: int) -> Program:
    usual = program.options["env"]
    listen = _numbered(usual["DUET_LISTEN"], number)
    path = Path(listen.removeprefix("unix:"))
    return replace(
        program,
        name=f"threads-{number}",
        ready=socket_probe(path),
        prepare=lambda: path.unlink(missing_ok=True),
        options={**program.options, "env": {**usual, "DUET_LISTEN": listen}},
    )


def _numbered(url: str, number: int) -> str:
    return url.removesuffix(".sock") + f"-{number}.sock"


if __name__ == "__main__":
    sys.exit(run.main(table))
