"""Memory of silent sockets, and how fast they connect; on a target that has not carried any load yet."""

import resource
import time
from collections.abc import Sequence

from bench.load.fleet import PROCESSES, running_fleet
from bench.measure.figures import Connects, Idle
from bench.measure.processes import cpu_seconds, pss_bytes
from bench.targets.running import Running

_SETTLE_S = 3.0
_WARM_UP_PAIRS = 50
_SPARE_FILES = 500


def most_sockets(wanted: int) -> int:
    """What a proxy with two files a socket can hold under this machine's limit of open files."""
    return min(wanted, (resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 2 - _SPARE_FILES) // 2 * 2)


def idle(running: Running, counts: Sequence[int]) -> tuple[Connects, list[Idle]]:
    """Connects in steps up to each of `counts`; the first step, after a warm-up, is the one that is timed."""
    seats = running.seats(max(counts) // 2)
    with running_fleet(running.dialect, PROCESSES) as fleet:
        fleet.connect(seats[: 2 * _WARM_UP_PAIRS])
        fleet.close()
        time.sleep(_SETTLE_S)
        before = pss_bytes(running.roots)
        connects: Connects | None = None
        steps: list[Idle] = []
        done = failed = 0
        for count in counts:
            cpu_before = cpu_seconds(running.roots)
            connected = fleet.connect(seats[done:count])
            failed += len(connected.failures)
            if connects is None:
                after = cpu_seconds(running.roots)
                connects = Connects(
                    connected.ready,
                    len(connected.failures),
                    round(connected.seconds, 3),
                    {name: round(after[name] - cpu_before[name], 3) for name in after},
                )
            done = count
            time.sleep(_SETTLE_S)
            steps.append(Idle(done - failed, failed, before, pss_bytes(running.roots)))
        assert connects is not None
        return connects, steps
