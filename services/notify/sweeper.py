"""Forgets the subscriptions of sessions that are over. None of them is pushed to: that is asked before each push."""

import asyncio

import asyncpg
import structlog

from services.notify.queries import subscriptions
from shared.plumbing.http.rpc import Peer
from shared.plumbing.postgres.database import Database
from shared.wire.accounts import EndedSessions, OpenSessions
from shared.wire.problems import Problem

_EVERY_S = 30.0
_A_CALL = 1000
log = structlog.get_logger()


class Sweeper:
    """A session ends by log-out, elsewhere, by a new password, or by age: auth knows them all."""

    def __init__(self, database: Database, auth: Peer) -> None:
        self._database = database
        self._auth = auth

    async def run(self) -> None:
        """Sweeps until it is cancelled."""
        while True:
            try:
                await self.sweep()
            except (Problem, OSError, asyncpg.PostgresError) as error:
                log.warning("which sessions are over is not known", error=repr(error))
            await asyncio.sleep(_EVERY_S)

    async def sweep(self) -> None:
        """Once through all. Raises Problem, OSError, PostgresError."""
        last = 0
        while True:
            async with self._database.connection() as conn:
                found = await subscriptions.sessions(conn, last, _A_CALL)
            if not found:
                return
            last = found[-1][0]
            asked = OpenSessions([session for _, session in found])
            answer = await self._auth.call(
                "POST", "/internal/sessions/over", asked, of=EndedSessions, idempotent=True
            )
            if answer.sessions:
                async with self._database.connection() as conn:
                    await subscriptions.end(conn, answer.sessions)
