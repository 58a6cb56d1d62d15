"""The clock of every process jumps by an hour, forwards and backwards."""

import asyncio
import glob
import time
from pathlib import Path

from tests.chaos.instance import Overrides
from tests.chaos.run import Run
from tests.chaos.scenario import NotPossible, scenario

_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/local/lib/faketime/libfaketimeMT.so.1")
_CLOCK = "clock"
_HOUR_S = 3600


def faked(directory: Path) -> Overrides:
    """Every process believes the file's offset; monotonic clocks go on. Raises NotPossible."""
    found = [path for pattern in _LIBRARIES for path in glob.glob(pattern)]
    if not found:
        raise NotPossible("libfaketime is not installed (Debian: apt-get install libfaketime)")
    directory.chmod(0o711)  # PostgreSQL runs as a user of its own and reads the file too
    set_clock(directory, 0)
    told = {
        "LD_PRELOAD": found[0],
        "FAKETIME_TIMESTAMP_FILE": str(directory / _CLOCK),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    return {"*": told}


def set_clock(directory: Path, offset_s: int) -> None:
    """Replaced whole: a reader sees the old time or the new one."""
    fresh = directory / f".{_CLOCK}"
    fresh.write_text(f"{offset_s:+d}\n")
    fresh.chmod(0o644)
    fresh.replace(directory / _CLOCK)


@scenario("clock-jumps", overrides=faked)
async def clock_jumps(run: Run) -> None:
    """All clocks jump by an hour, back, and by an hour the other way: order, sessions and limits hold."""
    directory = run.instance.product.data_dir

    async def jump(offset_s: int) -> None:
        set_clock(directory, offset_s)

    for offset_s in (_HOUR_S, 0, -_HOUR_S, 0):
        began = time.monotonic()
        await run.inject("jump", f"{offset_s:+d} s", lambda offset_s=offset_s: jump(offset_s))  # type: ignore[misc]
        for device in run.crowd.devices[::3]:
            device.cut()
        await asyncio.sleep(3.0)
        calls = [await pair.people[0].call("GET", "/api/session") for pair in run.crowd.pairs]
        run.measure(f"logged out at {offset_s:+d} s", sum(status != 200 for status, _ in calls), 0, "people")
        run.measure(f"slowest delivery at {offset_s:+d} s", run.lags(began).longest, 5.0)
