"""Thousands of sockets are lost in one moment and all come back at once."""

import asyncio
import time
from functools import partial

from tests.chaos.device import Device
from tests.chaos.run import Run
from tests.chaos.scenario import scenario

_SOCKETS = 2000
_ALL_LIVE_WITHIN_S = 60.0
_MOST_BACKENDS = 60
_MOST_TRANSACTIONS_A_SOCKET = 12.0
_TRANSACTIONS = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
_BACKENDS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"


@scenario("stampede", recovery_limit_s=_ALL_LIVE_WITHIN_S)
async def stampede(run: Run) -> None:
    """2,000 sockets dropped at once: PostgreSQL sees a bounded number of queries, all are live again."""
    crowd = [_another_device(run, number) for number in range(_SOCKETS)]
    try:
        for start in range(0, _SOCKETS, 100):
            for device in crowd[start : start + 100]:
                device.start()
            async with asyncio.timeout(_ALL_LIVE_WITHIN_S):
                await asyncio.gather(*(device.live.wait() for device in crowd[start : start + 100]))
        async with run.instance.postgres() as connection:
            before = await connection.fetchval(_TRANSACTIONS)
            dropped_at = time.monotonic()
            most = asyncio.create_task(_most_backends(connection))
            await run.inject("kill", "all relays", partial(_kill_relays, run))
            live = await asyncio.gather(*(_live_since(device, dropped_at) for device in crowd))
            run.measure("all live again after", max(live) - dropped_at, _ALL_LIVE_WITHIN_S)
            most.cancel()
            run.measure("active queries at once", (await asyncio.gather(most))[0], _MOST_BACKENDS, "backends")
            spent = await connection.fetchval(_TRANSACTIONS) - before
        run.measure("transactions a socket", spent / _SOCKETS, _MOST_TRANSACTIONS_A_SOCKET, "")
    finally:
        await asyncio.gather(*(device.stop() for device in crowd))


async def _kill_relays(run: Run) -> None:
    """A gateway's end would cost nobody a socket: the relays have them."""
    await asyncio.gather(*(run.instance.signal(name) for name in run.instance.relays))


def _another_device(run: Run, number: int) -> Device:
    pair = run.crowd.pairs[number % len(run.crowd.pairs)]
    me, peer = pair.people if number % 2 else reversed(pair.people)
    return Device(me.http, run.instance.public_url, me.username, peer.username, lambda frame, at: None)


async def _live_since(device: Device, since: float) -> float:
    async with asyncio.timeout(_ALL_LIVE_WITHIN_S):
        while not (device.live.is_set() and device.live_at > since):
            await asyncio.sleep(0.02)
    return device.live_at


async def _most_backends(connection: object) -> int:
    most = 0
    try:
        while True:
            most = max(most, await connection.fetchval(_BACKENDS))  # type: ignore[attr-defined]
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        return most
