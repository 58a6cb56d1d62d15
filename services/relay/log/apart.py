"""Sends with attachments, each by itself, since media is asked for its files first, and that may take a while.

What the same person sends to the same one meanwhile waits for it; whatever else there is goes on in batches.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from services.relay.log.sent import Key, Sent, key_of
from shared.plumbing.tasks import Tasks
from shared.plumbing.telemetry.traces import Span
from shared.wire.link import AppendItem, AppendResult
from shared.wire.problems import Problem

_AT_ONCE = 32
"""More wait here: what a frozen media service holds up are sends with attachments, and nobody's other calls."""

_MAX_PAUSE_S = 1.0
Append = Callable[[AppendItem, str, Span | None], Awaitable[AppendResult]]
Done = Callable[[Sent, AppendResult, deque[Sent]], None]


class Apart:
    """append: of one item, with the log whose seqs it means, and the span that it is a part of.

    done: called with what became of a send, and with what waits behind it.
    """

    def __init__(self, append: Append, done: Done) -> None:
        self._append = append
        self._done = done
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._behind: dict[Key, deque[Sent]] = {}
        self.tasks = Tasks()

    def __bool__(self) -> bool:
        """Whether any is under way."""
        return bool(self._behind)

    def takes(self, key: Key, sent: Sent) -> bool:
        """Takes it if it has attachments, or must stay behind one that has. key: of the send."""
        if (behind := self._behind.get(key)) is not None:
            behind.append(sent)
        elif sent.item.attachments:
            self._behind[key] = deque()
            self.tasks.start(self._carry(sent))
        else:
            return False
        return True

    async def _carry(self, sent: Sent) -> None:
        async with self._free:
            result = await self._answer(sent)
        self._done(sent, result, self._behind.pop(key_of(sent)))

    async def _answer(self, sent: Sent) -> AppendResult:
        """It is repeated, unchanged, until there is one."""
        pause_s = 0.05
        while True:
            try:
                return await self._append(sent.item, sent.log, sent.trace)
            except Problem as problem:
                if not problem.retry:
                    return AppendResult(problem=problem.document())
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _MAX_PAUSE_S)
