"""How much longer others wait while something happens, compared with quiet times before and after it."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager

from tests.chaos.recovery import spread
from tests.chaos.run import Run

TIMES_SLOWER = 1.5
_FLOOR_S = 0.010
"""Below this a ratio says nothing on two shared cores."""
_TAIL_S = 1.0
"""What was written so shortly before the end of a window may still be on its way."""


async def compare(
    run: Run, seconds: float, disturbance: AbstractAsyncContextManager[object], name: str
) -> None:
    """Three windows of `seconds`: quiet, disturbed, quiet. Measures both p99 of the delivery lag."""
    quiet = await _window(run, seconds)
    async with disturbance:
        disturbed = spread(await _window(run, seconds))
    await asyncio.sleep(_TAIL_S)
    undisturbed = spread(quiet + await _window(run, seconds))
    run.measure("p99 undisturbed", undisturbed.p99 * 1000, 60_000, "ms")
    limit_s = max(TIMES_SLOWER * undisturbed.p99, _FLOOR_S)
    run.measure(f"p99 beside {name}", disturbed.p99 * 1000, limit_s * 1000, "ms")


async def _window(run: Run, seconds: float) -> list[float]:
    began = time.monotonic()
    await asyncio.sleep(seconds + _TAIL_S)
    return run.lags_between(began, time.monotonic() - _TAIL_S)
