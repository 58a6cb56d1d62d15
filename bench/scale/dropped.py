"""All sockets lost at once: time until everybody is live again, and what PostgreSQL saw of it."""

import asyncio
import time

import asyncpg
import msgspec

from bench.load.fleet import running_fleet
from bench.measure.processes import cpu_seconds
from bench.targets.duet import RunningDuet, duet

_STATISTICS_S = 2.0
_TRANSACTIONS = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"


class Dropped(msgspec.Struct, frozen=True):
    """The clients come back in the same moment: worse than the page, which spreads them by jitter.

    seconds: from the first attempt until the last socket has its welcome. transactions: of PostgreSQL meanwhile.
    greeted: whether every one of them then gets a message that its peer sends.
    """

    sockets: int
    failed: int
    seconds: float
    transactions: int
    cpu_s: dict[str, float]
    greeted: bool


def measure(sockets: int) -> Dropped:
    """Every person has a thread with one other, who is there as well."""
    with duet() as running, running_fleet("duet") as fleet:
        seats = running.seats(sockets // 2)
        fleet.connect(seats)
        fleet.greet()
        fleet.close()
        time.sleep(_STATISTICS_S)
        transactions, cpu = _transactions(running), cpu_seconds(running.roots)
        connected = fleet.connect(seats, at_once=len(seats))
        time.sleep(_STATISTICS_S)
        after = cpu_seconds(running.roots)
        return Dropped(
            sockets,
            len(connected.failures),
            connected.seconds,
            _transactions(running) - transactions,
            {name: round(after[name] - cpu[name], 3) for name in after},
            fleet.greet().lost == 0,
        )


def _transactions(running: RunningDuet) -> int:
    async def ask() -> int:
        connection = await asyncpg.connect(running.postgres_url)
        try:
            count: int = await connection.fetchval(_TRANSACTIONS)
            return count
        finally:
            await connection.close()

    return asyncio.run(ask())
