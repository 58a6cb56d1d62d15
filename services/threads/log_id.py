"""Which log this process reads and writes: one id for as long as nothing of the log is lost.

A promoted standby may lack the last of what was committed on the server before it, and gives those seqs out again. So
no connection is used before it is known whether the log was found on this server, on this timeline, before; if not, its
id is renewed first, and whatever was said under the old one counts for nothing any more. Through a pooler no
transaction is, for each may be on another server.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from services.threads.queries import servers
from services.threads.queries.placing import SLOTS
from shared.wire.problems import Unavailable

log = structlog.get_logger()


class LogId:
    """current: of the newest connection. on_other: called when it has changed; those before are of the log before.

    moves: how often slots had moved to or from this server, to the newest connection. on_moved: called when it changes.
    alone: no other server is known, so this one has to hold all slots.
    """

    def __init__(self) -> None:
        self.current = ""
        self.on_other: Callable[[], Awaitable[None]] | None = None
        self.moves = -1
        self.on_moved: Callable[[], None] | None = None
        self.alone = False
        self._server = ""

    async def greet(self, connection: Any) -> str:
        """The id of the log of this new connection. Raises Unavailable: the server is one of the past, or holds a part
        where the others are not known: whose threads went would be begun anew."""
        found, before, server, moves, slots = await servers.known(connection)
        if self.alone and slots < SLOTS:
            raise Unavailable("The server holds a part of the log: DUET_SHARD_URLS names the others")
        if _is_older(server, self._server):
            raise Unavailable(f"The database is on timeline {server}, and was on {self._server}")
        if before != server:
            found = await servers.move(connection, server)
            log.warning("the log is on another server", before=before, now=server, log=found)
        self._server, earlier, self.current = server, self.current, found
        if moves != self.moves:
            self.moves = moves
            if self.on_moved is not None:
                self.on_moved()
        if earlier not in ("", found) and self.on_other is not None:
            log.warning("the log is another one", before=earlier, now=found)
            await self.on_other()
        return found

    def still(self) -> str:
        """SQL that finds a row while the log is `current`, on this timeline of this server, and nothing moved."""
        return servers.is_still(self.current, self._server, self.moves)


def _is_older(one: str, other: str) -> bool:
    """Whether it is an earlier timeline of the same server: a primary that does not know that it is none any more."""
    (system, _, timeline), (known, _, latest) = one.partition("/"), other.partition("/")
    return system == known and timeline < latest
