"""A process stops for half a minute and continues as if nothing had happened."""

import asyncio
import contextlib
from functools import partial

from tests.chaos.faults import freeze
from tests.chaos.run import Run
from tests.chaos.scenario import RECOVERY_LIMIT_S, scenario

_MOST_MIB = 256.0
"""What anybody may grow while somebody else stands still."""
_FLOOD_PAUSE_S = 0.1
_THE_FLOOD_IS_THROUGH_S = 20.0
"""Half a minute of 400 texts a second has piled up in the outboxes by the thaw."""
_LONG_TEXT = "flood " * 650


async def stand_still(run: Run, name: str) -> None:
    """Everybody floods with texts of 4,000 characters meanwhile.

    Recovery counts from the thaw to a message that is written then, behind all of the flood."""
    run.memory.mark()
    flooding = asyncio.create_task(_flood(run))
    try:
        await run.inject("freeze", name, partial(freeze, run.instance, name, run.freeze_s))
    finally:
        flooding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await flooding
    thawed_at = run.faults[-1].at
    resumed = [pair.resumed_after(thawed_at) for pair in run.crowd.pairs]
    run.measure("deliveries resumed after the thaw", max(resumed), RECOVERY_LIMIT_S)
    program, growth = run.memory.most_grown()
    run.measure(f"most growth, of {program}", growth, _MOST_MIB, "MiB")


async def _flood(run: Run) -> None:
    while True:
        for pair in run.crowd.pairs:
            for writer in pair.writers:
                pair.write(writer, _LONG_TEXT)
        await asyncio.sleep(_FLOOD_PAUSE_S)


for _name in ("relay-1", "threads", "redis", "postgres", "gateway", "auth"):

    async def _play(run: Run, name: str = _name) -> None:
        await stand_still(run, name)

    _play.__doc__ = f"{_name} is stopped for 30 s: memory stays bounded, then the promise."
    scenario(f"freeze-{_name}", recovery_limit_s=_THE_FLOOD_IS_THROUGH_S)(_play)
