"""The log is on several servers: one of them is away, and others go on; parts of it move."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from functools import partial

from tests.chaos.crowd import until
from tests.chaos.log_servers import LogServers, beside, holders, servers_of, told_of_them
from tests.chaos.pair import Pair
from tests.chaos.recovery import spread
from tests.chaos.run import RECOVERS_WITHIN_S, Run
from tests.chaos.scenario import scenario

_SHARDS = 3
_AWAY_S = 4.0
_OTHERS_WITHIN_S = 3.0
"""Less than that: who waits for the server that is away has waited too long."""
_WRITE_EVERY_S = 0.25
Act = Callable[[int], None]
"""On the server at that place."""


async def _away_in_turns(run: Run, servers: LogServers, kind: str, hurt: Act, heal: Act) -> None:
    """One server after the other is hurt, and healed after a while; judges the waits of the other servers' pairs."""
    pairs = run.crowd.pairs
    assert await until(lambda: all(pair.first_delivery_after(0.0) for pair in pairs), RECOVERS_WITHIN_S)
    homes = await holders(run.instance, pairs)
    run.measure("shards without a pair", _SHARDS - len(set(homes)), 0, f"of {_SHARDS}")
    waits: list[float] = []

    async def be_away(place: int) -> None:
        hurt(place)
        waits.extend(
            await _longest_waits([pair for pair, home in zip(pairs, homes, strict=True) if home != place])
        )
        await asyncio.to_thread(heal, place)

    for number in range(run.faults_wanted):
        await run.inject(kind, f"shard {number % _SHARDS}", partial(be_away, number % _SHARDS))
        await run.pause()
    longest = spread(waits)
    run.measure("median pair of the others waited at most", longest.median, _OTHERS_WITHIN_S)
    run.measure("longest wait of a pair of the others", longest.longest, _OTHERS_WITHIN_S)


async def _longest_waits(pairs: Sequence[Pair]) -> list[float]:
    """Of each pair, while they write for a while; what has not come at its end has waited until then."""
    began = time.monotonic()
    while time.monotonic() - began < _AWAY_S:
        await asyncio.sleep(_WRITE_EVERY_S)
        for pair in pairs:
            pair.write(random.choice(pair.writers))
    now = time.monotonic()
    return [
        max(
            (m.delivered_at or now) - m.submitted_at
            for m in pair.messages.values()
            if m.submitted_at >= began and not m.refusal
        )
        for pair in pairs
    ]


@scenario("shard-kill", place=partial(beside, _SHARDS), overrides=told_of_them)
async def shard_kill(run: Run) -> None:
    """One server of the log after the other is killed with -9 and away for a while: the others' people do not wait."""
    servers = servers_of(run)
    await _away_in_turns(run, servers, "kill", servers.kill, servers.start)


@scenario("shard-freeze", place=partial(beside, _SHARDS), overrides=told_of_them)
async def shard_freeze(run: Run) -> None:
    """One server of the log after the other hangs for a while: the others' people do not wait for it."""
    servers = servers_of(run)
    await _away_in_turns(run, servers, "freeze", servers.freeze, servers.thaw)
