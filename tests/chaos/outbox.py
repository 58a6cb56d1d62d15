"""What a device has to send: in order, resent from the first that is not acknowledged."""

import asyncio
from collections import Counter, deque
from typing import Any

from tests.chaos.message import Outgoing

_RESEND_PAUSE_S = 0.2


class Outbox:
    """refusals: the codes of rejected sends, counted, retryable ones too."""

    def __init__(self) -> None:
        self.refusals: Counter[str] = Counter()
        self._waiting: dict[str, Outgoing] = {}
        self._queue: deque[Outgoing] = deque()
        self._work = asyncio.Event()
        self._pause: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> list[Outgoing]:
        """What is not acknowledged, in the order of sending."""
        return list(self._waiting.values())

    def add(self, message: Outgoing) -> None:
        """Behind everything added before."""
        self._waiting[message.client_id] = message
        self._queue.append(message)
        self._work.set()

    def start_over(self) -> None:
        """A new connection, or the end of a pause: everything that is not acknowledged goes out again."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._queue = deque(self._waiting.values())
        self._work.set()

    async def next(self) -> Outgoing:
        """Waits for something to send. To be called by one task at a time."""
        while not self._queue or self._pause is not None:
            self._work.clear()
            await self._work.wait()
        return self._queue.popleft()

    def acknowledge(self, client_id: str, seq: int, at: float, log: str = "") -> None:
        """It is stored at `seq` of that log; the first acknowledgement counts."""
        if message := self._waiting.pop(client_id, None):
            message.acknowledged_at, message.seq, message.log = at, seq, log

    def turn_to_another_log(self) -> None:
        """What is about a message is dropped, as pages do: its seq may be another one's now."""
        for message in self.waiting:
            if "target" in message.content or "reply_to" in message.content:
                del self._waiting[message.client_id]
        self._queue = deque(self._waiting.values())

    def reject(self, client_id: str, problem: dict[str, Any]) -> None:
        """Retryable: all goes out again after a pause. Final: marked so and never sent again."""
        self.refusals[problem.get("code") or str(problem.get("status"))] += 1
        if not problem.get("retry"):
            if message := self._waiting.pop(client_id, None):
                message.refusal = problem.get("code") or "unknown"
        elif self._pause is None:
            self._pause = asyncio.get_running_loop().call_later(_RESEND_PAUSE_S, self.start_over)
