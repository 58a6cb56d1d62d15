"""A process stands still for half a minute and goes on as if nothing had been."""

from functools import partial

from tests.chaos.faults import freeze
from tests.chaos.run import Run
from tests.chaos.scenario import scenario

_MOST_MIB = 64.0
"""What anybody may grow while somebody else stands still."""


async def stand_still(run: Run, name: str) -> None:
    """Recovery counts from the thaw."""
    before = dict(run.memory.peak_mib)
    await run.inject("freeze", name, partial(freeze, run.instance, name, run.freeze_s))
    for program, peak in run.memory.peak_mib.items():
        if program != "postgres":
            run.measure(f"growth of {program}", peak - before.get(program, peak), _MOST_MIB, "MiB")


for _name in ("relay-1", "threads", "redis", "postgres", "gateway", "auth"):

    async def _play(run: Run, name: str = _name) -> None:
        await stand_still(run, name)

    _play.__doc__ = f"{_name} is stopped for 30 s: memory stays bounded, then the promise."
    scenario(f"freeze-{_name}")(_play)
