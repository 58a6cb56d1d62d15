"""Deletes sessions, devices and invitations that ended long ago, in small batches."""

import asyncio

import asyncpg
import structlog

from services.auth.queries import devices, invites, sessions
from shared.plumbing.postgres.database import Database
from shared.wire.problems import Problem

EVERY_S = 600
BATCH = 1000


async def keep_purging(db: Database) -> None:
    """Purges every ten minutes, until it is cancelled. If the database is away or busy, the next round does it."""
    while True:
        try:
            await purge(db)
        except (Problem, OSError, asyncpg.PostgresError) as error:
            structlog.get_logger().warning("nothing was purged", error=repr(error))
        await asyncio.sleep(EVERY_S)


async def purge(db: Database) -> int:
    """Deletes what is due and returns the number of rows. Each batch is its own transaction, so nobody waits long."""
    purged = 0
    for delete in (sessions.purge, devices.purge, invites.purge):
        while True:
            async with db.connection() as conn:
                deleted = await delete(conn, BATCH)
            purged += deleted
            if deleted < BATCH:
                break
    return purged
