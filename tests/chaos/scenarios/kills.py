"""Each program dies at random under load."""

import random
from functools import partial

from tests.chaos.run import Run
from tests.chaos.scenario import scenario

PROGRAMS = ("gateway", "auth", "threads", "relay-1", "relay-2", "game", "redis", "postgres")


async def kill(run: Run, name: str) -> None:
    """Half of the time as soon as it lives again, else only when it was ready."""
    if random.random() < 0.5:
        await run.instance.ready(name)
    await run.instance.signal(name)


for _name in PROGRAMS:

    async def _play(run: Run, name: str = _name) -> None:
        await run.repeat("kill", name, partial(kill, run, name))

    _play.__doc__ = f"{_name} is killed with -9, again and again: the promise holds, delivery resumes in 5 s."
    scenario(f"kill-{_name}")(_play)


@scenario("kill-all")
async def kill_all(run: Run) -> None:
    """Any program or server is killed at random: the promise holds, delivery resumes in 5 s."""
    for number in range(run.faults_wanted):
        name = PROGRAMS[number % len(PROGRAMS)]
        await run.inject("kill", name, partial(kill, run, name))
        await run.pause()
