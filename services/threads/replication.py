"""Whether what is acknowledged is on another server, too, before it is: for who asks that of PostgreSQL."""

import asyncio

from services.threads.shards import Shards
from shared.plumbing.postgres.database import Database
from shared.plumbing.telemetry.readiness import DEGRADED
from shared.wire.problems import Unavailable

_HOW = """
SELECT current_setting('synchronous_standby_names') <> ''
        AND current_setting('synchronous_commit') IN ('on', 'remote_apply'),
    count(*) FILTER (WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')),
    count(*) FILTER (WHERE sync_state IS NULL)
FROM pg_stat_replication
"""


class NotReplicated(Unavailable):
    """PostgreSQL commits without waiting for a standby: `synchronous_standby_names` is empty."""


class Replication:
    """Asks the primary of each shard."""

    def __init__(self, shards: Shards) -> None:
        self._shards = shards

    async def check(self) -> str:
        """For readiness. Raises NotReplicated if any shard is not; that one is away is for another check to say.

        Without a standby the primary itself lets nothing new be stored.
        """
        found = await asyncio.gather(
            *(_check(shard.database) for shard in self._shards.all), return_exceptions=True
        )
        failed = [one for one in found if isinstance(one, BaseException)]
        for error in failed:
            if isinstance(error, NotReplicated) or len(failed) == len(found):
                raise error
        return next((one for one in found if isinstance(one, str) and one != "ok"), "ok")


async def _check(database: Database) -> str:
    async with database.connection() as conn:
        waits, standbys, hidden = await conn.fetchrow(_HOW)
    if not waits:
        raise NotReplicated
    if standbys:
        return "ok"
    if hidden:
        return f"{DEGRADED}: whether a standby follows cannot be seen; the role needs pg_monitor"
    return f"{DEGRADED}: no synchronous standby follows, and until one does nothing is stored"
