"""A program dies, or fails, exactly between two steps: at each await between a `send` and its frames."""

import asyncio
from functools import partial

from tests.chaos.run import Run
from tests.chaos.scenario import scenario

_AFTER_ARRIVALS = 12
_POINTS = {
    "threads": (
        "threads.batch_received",
        "threads.before_names",
        "threads.before_commit",
        "threads.after_commit",
        "threads.before_answer",
        "threads.after_answer",
        "threads.before_hints",
        "threads.after_hints",
        "threads.before_beat",
    ),
    "relay-1": (
        "relay.before_batch",
        "relay.before_link_send",
        "relay.after_link_send",
        "relay.link_answer",
        "relay.before_settle",
        "relay.before_entries",
        "relay.before_heads",
        "relay.before_welcome",
    ),
}
_RARE = frozenset({"threads.before_beat", "relay.before_heads", "relay.before_welcome"})
"""Reached once a second, or once a hello: the second arrival must do."""
_READ_PATHS = "relay.before_fetch=error@2,relay.before_replay=error@2,relay.link_answer=error@40"


async def die_at(run: Run, program: str, point: str) -> None:
    """The program's next life ends at that point; so recovery counts from the crash."""
    arrivals = 2 if point in _RARE else _AFTER_ARRIVALS
    run.instance.tell({program: {"DUET_FAILPOINTS": f"{point}=kill@{arrivals}"}})
    before = await run.instance.signal(program)
    if not await run.instance.restarted(program, before):
        raise AssertionError(f"{program} was not restarted")
    armed = run.instance.product.pid(program)
    run.instance.tell({})
    relays = run.instance.relays
    calling = asyncio.create_task(_call_in(run)) if program in relays else None
    try:
        if not await run.instance.restarted(program, armed):
            raise AssertionError(f"{program} never came to {point}")
    finally:
        if calling is not None:
            calling.cancel()


async def _call_in(run: Run) -> None:
    """Everybody reconnects, time and again, so that the node that has just come back gets its people."""
    while True:
        await asyncio.sleep(1.5)
        for device in run.crowd.devices:
            device.cut()


@scenario("crash-between-steps")
async def crash_between_steps(run: Run) -> None:
    """threads or a relay dies between two steps of a message's way: nothing is lost, doubled or skipped."""
    for _ in range(max(1, run.faults_wanted // 5)):
        for program, points in _POINTS.items():
            for point in points:
                await run.inject(point, program, partial(die_at, run, program, point))
                await run.pause()


@scenario("crash-before-hint")
async def crash_before_hint(run: Run) -> None:
    """threads dies between COMMIT and XADD: the hint is never sent, the heads feed repairs it."""
    await run.repeat("crash", "threads", partial(die_at, run, "threads", "threads.after_commit"))


@scenario("failing-reads")
async def failing_reads(run: Run) -> None:
    """A relay's fetches, replays and link fail now and then: it tries again and skips nothing."""

    async def restart_with_failures() -> None:
        run.instance.tell({name: {"DUET_FAILPOINTS": _READ_PATHS} for name in run.instance.relays})
        before = await run.instance.signal("relay-1")
        await run.instance.restarted("relay-1", before)

    await run.repeat("failures", "relay-1", restart_with_failures)
