"""Who has stored as much as one person may: their messages, edits and reactions are refused until they delete some.

What was stored is counted by the indexer, a moment after it was committed, and looked at once a second: an append pays
nothing for it, and a person gets beyond the quota by what they can send in that time. The moves of games count and
are never refused, since a game must be able to end.
"""

import asyncio

import asyncpg
import structlog

from services.threads.queries import usage
from services.threads.queries.appends import Row
from shared.plumbing.postgres.database import Database
from shared.wire.changes import EDIT, REACTION
from shared.wire.messages import MESSAGE
from shared.wire.problems import OverQuota, Problem

_EVERY_S = 1.0
_REFUSED = {MESSAGE, EDIT, REACTION}
log = structlog.get_logger()


class Quota:
    """most_mb: of each person, in MiB; 0 for any number."""

    def __init__(self, database: Database, most_mb: int) -> None:
        self._database = database
        self._most_mb = most_mb
        self._full: frozenset[int] = frozenset()

    def refuses(self, row: Row) -> bool:
        """Unless it is in the log already."""
        return row.sender in self._full and row.kind in _REFUSED

    def problem(self) -> OverQuota:
        """As the sender is told."""
        most = f"{self._most_mb / 1024:g} GB" if self._most_mb >= 1024 else f"{self._most_mb} MB"
        return OverQuota(f"You have stored {most} of messages, the most that one person may keep here")

    async def run(self) -> None:
        """Looks again each second, until it is cancelled."""
        while self._most_mb:
            try:
                async with self._database.connection() as conn:
                    self._full = await usage.at_least(conn, self._most_mb * 1024 * 1024)
            except (Problem, OSError, asyncpg.PostgresError) as error:
                log.warning("the quotas were not looked at", error=repr(error))
            await asyncio.sleep(_EVERY_S)
