"""Whether a program says that it has caught up."""

import asyncio

from shared.plumbing.telemetry.lag import Lag

_AGED_S = 1000.0


async def catch_up(*names: str) -> None:
    """Ages these lags, and waits until each has been caught up since. Raises TimeoutError."""
    lags = [lag for lag in Lag.known if lag.name in names]
    assert len(lags) == len(names)
    for lag in lags:
        lag._at -= _AGED_S
    async with asyncio.timeout(20):
        while any(lag.seconds() >= _AGED_S for lag in lags):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
