"""People who are away are told, whatever becomes of notify, and soon."""

import asyncio
from functools import partial

from tests.chaos.away import away
from tests.chaos.run import Run
from tests.chaos.scenario import RECOVERY_LIMIT_S, scenario
from tests.chaos.scenarios.kills import kill

_CORRESPONDENCES = 20
_UNDER_KILLS_A_SECOND = 40.0
_A_SECOND = 200.0
_TOLD_WITHIN_S = 2.0


@scenario("kill-notify")
async def kill_notify(run: Run) -> None:
    """notify is killed with -9, again and again: no message stays untold, none is shown twice, chat goes on."""
    base_url = run.crowd.pairs[0].people[0].base_url
    async with away(run.instance, base_url, _CORRESPONDENCES) as people:
        async with people.writing(_UNDER_KILLS_A_SECOND):
            await run.repeat("kill", "notify", partial(kill, run, "notify"))
        told = await people.told()
        lags = people.lags()
    run.measure("messages untold", sum(lag == float("inf") for lag in lags), 0, f"of {people.sent}")
    run.measure("devices that do not show the last one", float(not told), 0, "")
    run.measure(
        "messages shown twice", people.shown_twice, 0, f"({people.repeated} pushes took their own place)"
    )
    run.measure("slowest delivery of the chat", run.slowest_chat_s, RECOVERY_LIMIT_S)


@scenario("push-latency")
async def push_latency(run: Run) -> None:
    """200 messages a second to people without a socket: 99 of 100 are at the push service within 2 s."""
    base_url = run.crowd.pairs[0].people[0].base_url
    async with away(run.instance, base_url, _CORRESPONDENCES) as people:
        async with people.writing(_A_SECOND):
            await asyncio.sleep(run.seconds_wanted)
        told = await people.told()
        lags = sorted(people.lags())
    run.measure("devices that do not show the last one", float(not told), 0, "")
    run.measure(f"p50 of {people.sent}", lags[len(lags) // 2], _TOLD_WITHIN_S)
    run.measure("p99", lags[len(lags) * 99 // 100], _TOLD_WITHIN_S)
