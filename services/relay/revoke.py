"""Asks auth once a second what has changed: closes the sockets of sessions that have ended, passes settings on."""

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

import structlog

from services.relay.log.calls import Calls
from shared.wire.accounts import Seeing
from shared.wire.problems import Problem

_ASK_EVERY_S = 1.0
_LISTED_FOR_S = 90.0
_MARGIN_S = 10.0
log = structlog.get_logger()


class Revocations:
    """end: called with the sessions that are newly known to have ended. seeing: with the settings changed lately.

    missed: called when no answer came for so long that an ending may have been missed. clock: in seconds.
    """

    def __init__(
        self,
        calls: Calls,
        end: Callable[[frozenset[UUID]], None],
        seeing: Callable[[list[tuple[int, Seeing]]], None],
        missed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._calls = calls
        self._end = end
        self._seeing = seeing
        self._missed = missed
        self._ended: frozenset[UUID] = frozenset()
        self._answered_at: float | None = None

    def has_ended(self, session: UUID) -> bool:
        """Whether the session is known to have ended in the last 90 s (a token may outlive its session by 60)."""
        return session in self._ended

    async def check(self) -> str:
        """For readiness: auth has told which sessions ended, and not too long ago."""
        if self._answered_at is None or self._silent_s() > _LISTED_FOR_S - _MARGIN_S:
            raise ConnectionError("auth has not said which sessions ended")
        return "ok"

    async def run(self) -> None:
        """Asks once a second, forever."""
        while True:
            try:
                await self.ask()
            except (Problem, OSError) as error:
                log.debug("ended sessions are not known", error=repr(error))
            await asyncio.sleep(_ASK_EVERY_S)

    async def ask(self) -> None:
        """Asks once. Raises as `Calls`."""
        asked_at = self._clock()
        answer = await self._calls.ended_sessions()
        ended = frozenset(answer.sessions)
        if self._answered_at is not None and self._silent_s() > _LISTED_FOR_S - _MARGIN_S:
            self._missed()
        self._answered_at = asked_at
        new = ended - self._ended
        self._ended = ended
        if new:
            self._end(new)
        self._seeing(answer.seeing)

    def _silent_s(self) -> float:
        return self._clock() - (self._answered_at or 0.0)
