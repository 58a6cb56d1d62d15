"""People who are away are told, whatever becomes of notify, and soon."""

import asyncio
from collections.abc import Sequence
from functools import partial

from tests.chaos.away import away
from tests.chaos.run import Run
from tests.chaos.scenario import RECOVERY_LIMIT_S, scenario
from tests.chaos.scenarios.kills import kill

_VICTIMS = ("threads", "postgres", "auth", "redis", "notify")
_CORRESPONDENCES = 20
_UNDER_KILLS_A_SECOND = 40.0
_A_SECOND = 200.0
_TOLD_WITHIN_S = 2.0


@scenario("kill-notify")
async def kill_notify(run: Run) -> None:
    """notify is killed with -9, again and again: no message stays untold, none is shown twice, chat goes on."""
    await _all_are_told(run, ["notify"])


@scenario("kill-under-pushes")
async def kill_under_pushes(run: Run) -> None:
    """threads, PostgreSQL, auth, Redis and notify are killed in turn: no message stays untold, none is shown twice."""
    await _all_are_told(run, _VICTIMS)


async def _all_are_told(run: Run, victims: Sequence[str]) -> None:
    base_url = run.crowd.pairs[0].people[0].base_url
    async with away(run.instance, base_url, _CORRESPONDENCES) as people:
        async with people.writing(_UNDER_KILLS_A_SECOND):
            for number in range(run.faults_wanted):
                victim = victims[number % len(victims)]
                await run.inject("kill", victim, partial(kill, run, victim))
                await run.pause(1.0)
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
