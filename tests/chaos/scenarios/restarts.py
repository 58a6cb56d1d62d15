"""Ordinary operation: every program is replaced by a new one while people write."""

import signal
import time
from functools import partial

from tests.chaos.run import Run
from tests.chaos.scenario import scenario

_ENDS_WITHIN_S = 12.0


@scenario("rolling-restart")
async def rolling_restart(run: Run) -> None:
    """SIGTERM to one program after another: sockets close with 1012, nothing is lost, the gap is short."""
    longest = 0.0
    for name in ("auth", "threads", "game", "media", "notify", "relay-1", "relay-2", "gateway"):
        began = time.monotonic()
        before = run.instance.product.pid(name)
        await run.inject("SIGTERM", name, partial(run.instance.signal, name, signal.SIGTERM))
        await run.instance.restarted(name, before)
        longest = max(longest, time.monotonic() - began)
        await run.pause()
    run.measure("slowest end of a program", longest, _ENDS_WITHIN_S)
    told = sum(device.closes[1012] for device in run.crowd.devices)
    run.measure("devices not told to come back (1012)", max(0, len(run.crowd.devices) - told), 0, "devices")
