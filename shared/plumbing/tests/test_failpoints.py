"""Failpoints: off by default, exact when armed."""

import asyncio
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from shared.plumbing import failpoints


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


async def test_a_point_that_is_not_armed_does_nothing() -> None:
    failpoints.arm("some.other=error")
    await failpoints.reach("threads.after_commit")


async def test_only_the_named_arrival_fails() -> None:
    failpoints.arm("here=error@2")
    await failpoints.reach("here")
    with pytest.raises(failpoints.FailpointError):
        await failpoints.reach("here")
    await failpoints.reach("here")


async def test_a_sleeping_point_holds_its_caller() -> None:
    failpoints.arm("here=sleep:0.05")
    started = time.monotonic()
    await failpoints.reach("here")
    assert time.monotonic() - started >= 0.05


async def test_a_killing_point_ends_the_process_at_once() -> None:
    code = (
        "import asyncio; from shared.plumbing.failpoints import arm, reach; "
        "arm('x.y=kill'); asyncio.run(reach('x.y')); print('alive')"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    output, _ = await child.communicate()
    assert (child.returncode, output) == (-signal.SIGKILL, b"")


@pytest.mark.parametrize("text", ["here", "here=explode", "here=sleep", "here=kill@x"])
def test_a_misspelt_failpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a failpoint"):
        failpoints.arm(text)
