"""A program dies, or fails, exactly between two steps."""

from tests.chaos.run import Run
from tests.chaos.scenario import scenario

_AFTER_ARRIVALS = 20


async def die_at(run: Run, program: str, point: str) -> None:
    """The program's next life ends at that point; recovery counts from the restart."""

    async def crash() -> None:
        run.instance.tell({program: {"DUET_FAILPOINTS": f"{point}=kill@{_AFTER_ARRIVALS}"}})
        before = await run.instance.signal(program)
        await run.instance.restarted(program, before)
        run.instance.tell({})
        armed = run.instance.product.pid(program)
        if not await run.instance.restarted(program, armed):
            raise AssertionError(f"{program} never came to {point}")

    await run.repeat(point, program, crash)


@scenario("crash-before-hint")
async def crash_before_hint(run: Run) -> None:
    """threads dies between COMMIT and XADD: the hint is never sent, the heads feed repairs it."""
    await die_at(run, "threads", "threads.after_commit")
