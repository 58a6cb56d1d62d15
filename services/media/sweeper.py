"""Removes what no message names, and the blobs that no attachment has."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import structlog

from services.media.blobs.store import Store
from services.media.follower import Follower
from services.media.queries import attachments, loose, naming
from shared.plumbing.failpoints import reach
from shared.plumbing.postgres.database import Database
from shared.plumbing.telemetry.lag import Lag
from shared.wire.problems import Problem

UNNAMED_FOR = timedelta(days=1)
SINCE_CLAIMED = timedelta(hours=1)
"""A message that was about to name it is in the log by then, or never."""

IN_DOUBT = timedelta(seconds=30)
"""The same of a message that somebody wrote while they deleted another."""

_PAUSE_S = 5.0
"""What is deleted goes within a minute; to ask more often would cost each message of a busy Duet."""

_UNNAMED_EVERY_S = 60.0
_BATCH = 100
_BLOBS = 16
_LAG = Lag("duet_media_log_lag_seconds", "Since all of the log had been read for names of files", 120)
log = structlog.get_logger()


class Sweeper:
    """Two rounds that go on beside each other: blobs are deleted while threads is away, too."""

    def __init__(self, database: Database, store: Store, follower: Follower) -> None:
        self._database = database
        self._store = store
        self._follower = follower
        self._unnamed_at = float("-inf")

    async def follow(self) -> None:
        """Follows the log, and sweeps whenever it has been read to its end. Until it is cancelled."""
        await _forever("the log was not followed", self.follow_round)

    async def clean(self) -> None:
        """Deletes loose blobs. Until it is cancelled."""
        await _forever("no blob was deleted", self.clean_round)

    async def follow_round(self) -> bool:
        """Whether there is more of it. A message that was stored before this round is known at its end."""
        if await self._follower.round():
            return True
        _LAG.caught_up()
        async with self._database.transaction() as conn:
            await naming.remove_nameless(conn, await naming.doubted(conn, IN_DOUBT))
            await naming.settle(conn, IN_DOUBT)
        if time.monotonic() - self._unnamed_at < _UNNAMED_EVERY_S:
            return False
        if not await self.sweep_unnamed():
            self._unnamed_at = time.monotonic()
        return False

    async def sweep_unnamed(self) -> bool:
        """Whether there may be more."""
        async with self._database.transaction() as conn:
            ids = await naming.unnamed(conn, UNNAMED_FOR, SINCE_CLAIMED, _BATCH)
            await naming.remove_nameless(conn, ids)
            await attachments.forget_received(conn)
        return len(ids) == _BATCH

    async def clean_round(self) -> bool:
        """Whether there may be more. While a backup is made, nothing is deleted."""
        async with self._database.transaction() as conn:
            if not await loose.may_delete(conn):
                return False
            keys = await loose.due(conn, _BLOBS)
            for key in keys:
                await self._store.delete(key)
                await reach("media.after_delete")
            await loose.forget(conn, keys)
        return len(keys) == _BLOBS


async def _forever(failure: str, turn: Callable[[], Awaitable[bool]]) -> None:
    while True:
        try:
            while await turn():
                pass
        except (Problem, OSError, asyncpg.PostgresError) as error:
            log.warning(failure, error=repr(error))
        await asyncio.sleep(_PAUSE_S)
