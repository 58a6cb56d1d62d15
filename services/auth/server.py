"""Which server this process reads and writes accounts on.

A promoted standby may lack the last of them. Others know these by their ids, under which threads and files stay; so
nobody who signs up later gets one of those.
"""

from typing import Any

import structlog

from services.auth.queries import server as queries

log = structlog.get_logger()


class Server:
    """current: that of the newest connection."""

    def __init__(self) -> None:
        self.current = ""

    async def greet(self, connection: Any) -> str:
        """The server of this new connection."""
        before, now = await queries.known(connection)
        if before != now:
            await queries.move(connection, now)
            if before is not None:
                log.warning("the accounts are on another server", before=before, now=now)
        self.current = now
        return now

    def still(self) -> str:
        """SQL that finds a row while it is `current`."""
        return queries.is_still(self.current)
