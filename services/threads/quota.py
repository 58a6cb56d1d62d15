"""Who has stored as much as one person may: their messages, edits and reactions are refused until they delete some.

What was stored is counted by the indexer, a moment after it was committed, and looked at once a second: an append pays
nothing for it, and a person gets beyond the quota by what they can send in that time. The moves of games count and
are never refused, since a game must be able to end.
"""

import asyncio
from collections import Counter

import asyncpg
import structlog

from services.threads.queries import usage
from services.threads.queries.appends import Row
from services.threads.shards import Shards
from shared.plumbing.postgres.database import Connection
from shared.wire.changes import EDIT, REACTION
from shared.wire.messages import MESSAGE
from shared.wire.problems import OverQuota, Problem

_EVERY_S = 1.0
_REFUSED = {MESSAGE, EDIT, REACTION}
log = structlog.get_logger()


class Quota:
    """most_mb: of each person, in MiB; 0 for any number."""

    def __init__(self, shards: Shards, most_mb: int) -> None:
        self._shards = shards
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
                self._full = await self._look()
            except (Problem, OSError, asyncpg.PostgresError) as error:
                log.warning("the quotas were not looked at", error=repr(error))
            await asyncio.sleep(_EVERY_S)

    async def _look(self) -> frozenset[int]:
        """What somebody has stored is a sum: who has reached the quota has an n-th of it in one of n shards."""
        most = self._most_mb * 1024 * 1024
        part = -(-most // len(self._shards.all))
        answers = await self._shards.ask_all(lambda conn: usage.at_least(conn, part))
        if self._shards.alone:
            return frozenset(answers[0])
        asked = list(frozenset[int]().union(*answers))

        async def question(conn: Connection) -> dict[int, int]:
            return await usage.of(conn, asked)

        stored = Counter[int]()
        for of_one in await self._shards.ask_all(question) if asked else ():
            stored.update(of_one)
        return frozenset(user for user, size in stored.items() if size >= most)
