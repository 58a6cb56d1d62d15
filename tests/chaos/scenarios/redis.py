"""Redis is wiped, its clients are killed, its streams go back, its directory is wrong, it is gone."""

import asyncio
import time
from functools import partial

from tests.chaos import faults
from tests.chaos.run import Run
from tests.chaos.scenario import scenario

REPAIRED_WITHIN_S = 2.0


async def _lag_of_what_follows(run: Run, began: float) -> None:
    """A hint that was lost must be made good by the heads feed in time."""
    run.measure("slowest delivery", run.lags(began).longest, REPAIRED_WITHIN_S)


@scenario("redis-flush", recovery_limit_s=REPAIRED_WITHIN_S)
async def redis_flush(run: Run) -> None:
    """FLUSHALL several times a second: nobody is logged out, nothing is lost, a lost hint is repaired in 2 s."""
    began = time.monotonic()
    await run.keep_doing("flush", "redis", 0.3, partial(faults.flush, run.instance))
    await _lag_of_what_follows(run, began)


@scenario("redis-clients", recovery_limit_s=REPAIRED_WITHIN_S)
async def redis_clients(run: Run) -> None:
    """CLIENT KILL of every connection each 2 s: delivery goes on."""
    began = time.monotonic()
    await run.keep_doing("client kill", "redis", 2.0, partial(faults.kill_clients, run.instance))
    await _lag_of_what_follows(run, began)


@scenario("redis-gone", lines=("all-redis",))
async def redis_gone(run: Run) -> None:
    """No Redis for 30 s: the heads feed alone delivers within 2 s, nobody is logged out, hints come back."""
    line = run.instance.proxies["all-redis"]
    began = time.monotonic()
    await run.inject("gone", "redis", line.stop)
    await asyncio.sleep(run.freeze_s)
    await run.inject("back", "redis", line.start)
    await _lag_of_what_follows(run, began)
    logged_in = [(await pair.people[0].call("GET", "/api/session"))[0] for pair in run.crowd.pairs]
    run.measure("people who are logged out", sum(status != 200 for status in logged_in), 0, "people")


@scenario("redis-rewind", recovery_limit_s=REPAIRED_WITHIN_S)
async def redis_rewind(run: Run) -> None:
    """FLUSHALL and streams that begin again at a low id: consumers notice, nothing is missed."""
    began = time.monotonic()
    await run.repeat("rewind", "redis", partial(faults.rewind_streams, run.instance))
    await _lag_of_what_follows(run, began)


@scenario("redis-trim", recovery_limit_s=REPAIRED_WITHIN_S)
async def redis_trim(run: Run) -> None:
    """A stream is trimmed to five entries while its node stands still: the rest is fetched from PostgreSQL."""

    async def trim_unread() -> None:
        standing = asyncio.create_task(faults.freeze(run.instance, "relay-1", 1.5))
        await asyncio.sleep(1.4)
        await faults.trim_streams(run.instance)
        await standing

    await run.repeat("trim", "redis", trim_unread)


@scenario("directory-forgotten", recovery_limit_s=REPAIRED_WITHIN_S)
async def directory_forgotten(run: Run) -> None:
    """Entries and leases removed by hand: hints go nowhere, the heads feed repairs within 2 s."""
    began = time.monotonic()
    for pattern in ("duet:user:*", "duet:lease:*"):
        await run.repeat("forget", pattern, partial(faults.forget_places, run.instance, pattern))
    await _lag_of_what_follows(run, began)


@scenario("redis-snapshot", recovery_limit_s=REPAIRED_WITHIN_S)
async def redis_snapshot(run: Run) -> None:
    """Redis comes back from an old snapshot, with an old directory and old streams: repaired within 2 s."""
    async with run.instance.redis() as redis:
        old = await faults.snapshot(redis)
        await run.pause(5.0)
        for device in run.crowd.devices:
            device.cut()
        await run.pause(3.0)
        began = time.monotonic()
        await run.repeat("restore", "redis", partial(faults.restore, redis, old))
    await _lag_of_what_follows(run, began)


@scenario("lease-lost")
async def lease_lost(run: Run) -> None:
    """A node is frozen for longer than its lease: it writes itself in again, its people catch up."""
    seconds = min(run.freeze_s, 7.0)
    await run.repeat("freeze", "relay-1", partial(faults.freeze, run.instance, "relay-1", seconds))
