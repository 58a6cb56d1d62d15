"""Sessions that run out (unused for long, or old) lose their sockets: nobody ends them, so no list names them."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import structlog

from services.relay.log.calls import Calls
from shared.wire.problems import Problem

ASK_EVERY_S = 60.0
_MAX_A_CALL = 1000
log = structlog.get_logger()


class Expiry:
    """open_sessions: those that have a socket here. end: called with those of them that live no more."""

    def __init__(
        self, calls: Calls, open_sessions: Callable[[], set[UUID]], end: Callable[[frozenset[UUID]], None]
    ) -> None:
        self._calls = calls
        self._open_sessions = open_sessions
        self._end = end

    async def run(self) -> None:
        """Asks once a minute, forever."""
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            try:
                await self.ask()
            except (Problem, OSError) as error:
                log.debug("sessions that are over are not known", error=repr(error))

    async def ask(self) -> None:
        """Asks once about all. Raises as `Calls`."""
        sessions = list(self._open_sessions())
        for start in range(0, len(sessions), _MAX_A_CALL):
            answer = await self._calls.sessions_over(sessions[start : start + _MAX_A_CALL])
            if answer.sessions:
                self._end(frozenset(answer.sessions))
