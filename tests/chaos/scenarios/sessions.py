"""A session ends elsewhere while its sockets are open."""

import time

from tests.chaos.crowd import until
from tests.chaos.run import Run
from tests.chaos.scenario import scenario

DEAD_WITHIN_S = 2.0
_SLACK_S = 0.25
_WAITS_S = 10.0


@scenario("revocation")
async def revocation(run: Run) -> None:
    """A session that is ended elsewhere loses its sockets within 2 s (4501) and cannot come back."""
    slowest = 0.0
    leavers = run.crowd.pairs[: max(1, len(run.crowd.pairs) // 2)]
    await run.crowd.stop_writing()
    await run.crowd.settle(_WAITS_S)
    for pair in leavers:
        person, device = pair.people[1], pair.writers[1]
        at = time.monotonic()
        status, _ = await person.call("DELETE", "/api/session")
        assert status == 204
        await until(lambda device=device: device.ended, _WAITS_S)
        slowest = max(slowest, (device.ended_at or float("inf")) - at)
        run.measure("close code", abs(device.ended - 4501), 0, "")
    run.measure("sockets outlived their session by", slowest, DEAD_WITHIN_S + _SLACK_S)
