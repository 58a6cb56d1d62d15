"""Whatever dies on the way of a notice, everybody is told, and no device shows it twice."""

import asyncio
import os
import sys
from collections.abc import Mapping

import pytest

from services.notify.tests.town import Town
from shared.plumbing.config import variable
from shared.testing.push_service import PushService

POINTS = (
    "notify.page_read",
    "notify.before_commit",
    "notify.after_commit",
    "notify.before_decision",
    "notify.before_push",
    "notify.after_push",
    "notify.after_told",
)
_PUSHED_BEFORE = ("notify.after_push", "notify.after_told")


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


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_at_any_step_leaves_no_message_untold_and_shows_none_twice(
    town: Town, service: PushService, point: str
) -> None:
    await town.subscribe("bob")
    await town.stop("notify")
    await town.say("ann", "bob", "said while notify was away")
    await dies_at(town, point)
    assert len(service.received) == (1 if point in _PUSHED_BEFORE else 0)
    await town.start("notify")
    await service.take("bob")
    await town.settled()
    assert len(service.received) == (2 if point == "notify.after_push" else 1)
    assert {(one.push.body, one.push.seq) for one in service.received} == {("said while notify was away", 1)}
    assert len({one.topic for one in service.received}) == 1
    await town.say("ann", "bob", "and life goes on")
    await service.until(lambda: service.received[-1].push.seq == 2)
