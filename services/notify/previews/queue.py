"""The messages whose links wait to be looked at: beside the pushes, which never wait for them."""

import asyncio
import contextlib

import structlog

from services.notify.previews.making import Maker
from services.notify.queries import previews
from services.notify.queries.previews import Waiting
from shared.plumbing.postgres.database import Database
from shared.plumbing.tasks import Tasks

_AT_ONCE = 16
"""One a person, so that nobody's slow sites keep others waiting."""
_PAUSE_S = 1.0
log = structlog.get_logger()


class Previews:
    """What waits is in PostgreSQL until it is done, whatever came of it."""

    def __init__(self, database: Database, maker: Maker) -> None:
        self._database = database
        self._maker = maker
        self._news = asyncio.Event()
        self._busy: set[int] = set()
        self._tasks = Tasks()

    def wake(self) -> None:
        """There is more to do."""
        self._news.set()

    async def run(self) -> None:
        """Until it is cancelled; begins with what an earlier process left."""
        try:
            while True:
                self._news.clear()
                pause_s = None
                try:
                    await self._begin()
                except (
                    Exception
                ) as error:  # whatever it is: without the next round there would be no more previews
                    log.warning("no links are looked at", error=repr(error))
                    pause_s = _PAUSE_S
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await self._news.wait()
        finally:
            await self._tasks.close()

    async def _begin(self) -> None:
        """As much as may be under way."""
        async with self._database.connection() as conn:
            found = await previews.next_of_others(conn, list(self._busy), _AT_ONCE - len(self._busy))
        for waiting in found:
            self._busy.add(waiting.sender)
            self._tasks.start(self._carry_out(waiting))

    async def _carry_out(self, waiting: Waiting) -> None:
        try:
            await self._maker.make(waiting)
            async with self._database.connection() as conn:
                await previews.done(conn, waiting)
        except Exception as error:  # whatever it is: it is tried again, but not at once
            log.warning("a link waits", error=repr(error))
            await asyncio.sleep(_PAUSE_S)
        finally:
            self._busy.discard(waiting.sender)
            self._news.set()
