"""Callers who hang up halfway: nobody else gets their answer."""

import asyncio
import contextlib
import random

import aiohttp

from shared.testing.people import Person
from tests.chaos.pair import Pair
from tests.chaos.run import Run
from tests.chaos.scenario import scenario

_CALLERS_A_PAIR = 2


@scenario("cancelled-requests")
async def cancelled_requests(run: Run) -> None:
    """HTTP calls cancelled at random moments: every answer belongs to the one who asked."""
    tally = {"answered": 0, "cancelled": 0, "foreign": 0, "failed": 0}
    callers = [
        asyncio.create_task(_call(pair, pair.people[number % 2], tally))
        for pair in run.crowd.pairs
        for number in range(_CALLERS_A_PAIR)
    ]
    await asyncio.sleep(run.seconds_wanted)
    for caller in callers:
        caller.cancel()
    for ending in await asyncio.gather(*callers, return_exceptions=True):
        assert isinstance(ending, asyncio.CancelledError), ending
    await run.inject("cancel", f"{tally['cancelled']} calls", lambda: asyncio.sleep(0))
    run.measure("answers of somebody else", tally["foreign"], 0, f"of {tally['answered']}")
    run.measure("answers that were errors", tally["failed"], 0, f"of {tally['answered']}")
    run.measure("too few were cancelled", max(0, 50 - tally["cancelled"]), 0, f"({tally['cancelled']})")


async def _call(pair: Pair, me: Person, tally: dict[str, int]) -> None:
    peer = next(name for name in pair.names if name != me.username)
    while True:
        path = random.choice(["/api/session", f"/api/threads/{peer}/messages?limit=3", "/api/threads"])
        patience_s = random.choice([0.001, 0.003, 0.01, 0.03, 5.0])
        try:
            async with asyncio.timeout(patience_s):
                status, answer = await me.call("GET", path)
        except (TimeoutError, aiohttp.ClientError):
            tally["cancelled"] += 1
            continue
        tally["answered"] += 1
        tally["failed"] += status != 200
        if status == 200:
            tally["foreign"] += not _names(answer) <= {me.username, peer}
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.sleep(random.uniform(0, 0.05))


def _names(answer: dict[str, object]) -> set[str]:
    """Every username in an answer."""
    if "username" in answer:
        return {str(answer["username"])}
    items = answer.get("messages") or answer.get("threads") or []
    assert isinstance(items, list)
    return {item[field] for item in items for field in ("thread", "sender", "username") if field in item}
