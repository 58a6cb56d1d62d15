"""Whatever dies on the way of a notice, everybody is told, and no device shows it twice."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial

import pytest

from services.notify.tests.town import Town
from shared.plumbing.settings.config import variable
from shared.testing.push_service import PushService

NOTING = ("notify.page_read", "notify.before_commit", "notify.after_commit")
PUSHING = (
    "notify.before_decision",
    "notify.before_push",
    "notify.after_push",
    "notify.after_told",
)
_AFTER_PUSH = "notify.after_push"
"""Where it is not known any more whether the device was told."""


def environment(town: Town) -> Mapping[str, str]:
    """What a notify of its own is told."""
    return {**os.environ, **{variable(name): str(value) for name, value in town.settings().items()}}


async def dies_at(town: Town, point: str) -> None:
    """A notify in a process of its own, until it has killed itself."""
    told = {**environment(town), "DUET_PUSH_ALLOW_PRIVATE": "on", "DUET_FAILPOINTS": f"{point}=kill"}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.notify", env=told, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(30):
            assert await child.wait() == -9
    finally:
        if child.returncode is None:
            child.kill()


def _shows(service: PushService, seq: int) -> bool:
    return bool(service.received) and service.received[-1].push.seq == seq


@pytest.mark.parametrize("points", [NOTING, PUSHING], ids=["noting", "pushing"])
async def test_a_kill_at_any_step_leaves_no_message_untold_and_shows_none_twice(
    town: Town, service: PushService, points: Sequence[str]
) -> None:
    await town.subscribe("bob")
    for point in points:
        await town.stop("notify")
        [seq] = await town.say("ann", "bob", f"{point} kills")
        await dies_at(town, point)
        await town.start("notify")
        await service.until(partial(_shows, service, seq))
        await town.settled()
        pushes = [one for one in service.received if one.push.seq == seq]
        assert {one.push.body for one in pushes} == {f"{point} kills"}
        assert len(pushes) == (2 if point == _AFTER_PUSH else 1), point
    assert len({one.topic for one in service.received}) == 1
