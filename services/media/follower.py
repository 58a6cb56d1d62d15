"""Follows the log of all threads: which messages name which attachments, and which are deleted."""

import asyncpg
import structlog

from services.media.comparison import Comparison
from services.media.queries import installation, naming
from services.media.queries.naming import Deletion, Name
from shared.plumbing.failpoints import reach
from shared.plumbing.http.rpc import Peer
from shared.plumbing.postgres.database import Database
from shared.wire.changes import DELETE
from shared.wire.log_calls import LogAfter, Logged, LogPage
from shared.wire.messages import MESSAGE

_PAGE = 2000
log = structlog.get_logger()


class Follower:
    """Its position is written down by the transaction that does what the events say."""

    def __init__(self, database: Database, threads: Peer) -> None:
        self._database = database
        self._threads = threads
        self._comparison = Comparison(database, threads)

    async def round(self) -> bool:
        """Reads a page; whether there are others already. Raises Problem, and what PostgreSQL raises."""
        async with self._database.connection() as conn:
            position = await installation.position(conn)
        asked = LogAfter(position, _PAGE, files=True)
        page = await self._threads.call("POST", "/internal/log", asked, of=LogPage, idempotent=True)
        if page.missed:
            log.warning("some of the log may never be told: everything is compared")
            await self._comparison.run()
        if page.next != position:
            async with self._database.transaction() as conn:
                await _apply(conn, page.events)
                await installation.followed(conn, page.next)
                await reach("media.before_followed")
        return page.more


async def _apply(conn: asyncpg.Connection, events: list[Logged]) -> None:
    """Names first: a page may hold a message and its deletion, in any order."""
    names = [
        Name(event.thread, event.seq, event.sender, attachment.id)
        for event in events
        if event.kind == MESSAGE
        for attachment in event.attachments
    ]
    deletions = [
        Deletion(
            event.thread, event.target, event.sender, event.low + event.high - event.sender, event.created_at
        )
        for event in events
        if event.kind == DELETE and event.target is not None
    ]
    if names:
        await naming.name(conn, names)
    if deletions:
        await naming.unname(conn, deletions)
