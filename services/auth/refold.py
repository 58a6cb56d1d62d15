"""Folds display names again after an upgrade that folds them differently, a few at a time."""

import asyncio

import asyncpg
import structlog

from services.auth.names import search_form
from services.auth.queries import name_form
from shared.plumbing.folding import FORM
from shared.plumbing.postgres.database import Database
from shared.wire.problems import Problem

_BATCH = 50
_RETRY_S = 5.0


async def refold(db: Database) -> None:
    """Until every name is of today's form. Each batch is its own transaction, so nobody waits long."""
    while True:
        try:
            while await _some(db):
                pass
            return
        except (Problem, OSError, asyncpg.PostgresError) as error:
            structlog.get_logger().warning("names are still of an earlier form", error=repr(error))
        await asyncio.sleep(_RETRY_S)


async def _some(db: Database) -> bool:
    """Whether there may be more."""
    async with db.transaction() as conn:
        found = await name_form.outdated(conn, FORM, _BATCH)
        if found:
            await name_form.renew(conn, found, [search_form(name) for _, name in found])
        else:
            await name_form.all_renewed(conn, FORM)
    return bool(found)
