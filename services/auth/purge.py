"""Forgets sessions and devices that are long over, a few at a time."""

import asyncio

import asyncpg
import structlog

from services.auth.queries import devices, sessions
from shared.plumbing.postgres import Database
from shared.wire.problems import Problem

EVERY_S = 600
BATCH = 1000


async def purge_for_ever(db: Database) -> None:
    """Every ten minutes; a database that is away or busy is asked again next time."""
    while True:
        try:
            await purge(db)
        except (Problem, OSError, asyncpg.PostgresError) as error:
            structlog.get_logger().warning("nothing was purged", error=repr(error))
        await asyncio.sleep(EVERY_S)


async def purge(db: Database) -> int:
    """Deletes what is due; how many rows. Each batch is its own transaction, so nobody waits long."""
    purged = 0
    for delete in (sessions.purge, devices.purge):
        while True:
            async with db.connection() as conn:
                deleted = await delete(conn, BATCH)
            purged += deleted
            if deleted < BATCH:
                break
    return purged
