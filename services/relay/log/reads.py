"""Passes positions, read and delivered, on to threads: coalesced, one batch at a time."""

import asyncio
from collections.abc import Callable

from services.relay.log.link import Link, LinkLost
from shared.plumbing.failpoints import reach
from shared.wire.log import MAX_BATCH, Notice, ReadBatch, ReadDone, ReadMark

_PAUSE_S = 0.5


class Reads:
    """notify: called with what the answers bring for this node's own users."""

    def __init__(self, link: Link, node: str, notify: Callable[[Notice], None]) -> None:
        self._link = link
        self._node = node
        self._notify = notify
        self._marks: dict[tuple[int, str], ReadMark] = {}
        self._wake = asyncio.Event()

    def add(self, mark: ReadMark) -> None:
        """Keeps only the furthest positions of a user in a thread."""
        key = (mark.user, mark.peer)
        waiting = self._marks.get(key, mark)
        seq, delivered = max(mark.seq, waiting.seq), max(mark.delivered, waiting.delivered)
        self._marks[key] = ReadMark(mark.user, mark.user_name, mark.peer, seq, delivered)
        self._wake.set()

    async def run(self) -> None:
        """Sends batch after batch, forever."""
        while True:
            if not self._marks:
                await self._wake.wait()
            self._wake.clear()
            while self._marks:
                await reach("relay.before_reads")
                part = [self._marks.pop(key) for key in list(self._marks)[:MAX_BATCH]]
                if not await self._send(part):
                    for mark in part:
                        self.add(mark)
                    await asyncio.sleep(_PAUSE_S)

    async def _send(self, marks: list[ReadMark]) -> bool:
        try:
            answer = await self._link.ask(ReadBatch(self._link.number(), self._node, marks))
        except LinkLost:
            return False
        if isinstance(answer, ReadDone):
            for notice in answer.notices:
                self._notify(notice)
        return isinstance(answer, ReadDone)
