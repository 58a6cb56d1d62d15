"""Passes positions, read and delivered, on to threads: coalesced, one batch at a time."""

import asyncio
from collections.abc import Callable

from services.relay.log.link import Link
from services.relay.log.linked import LinkLost
from shared.plumbing.failpoints import reach
from shared.wire.link import MAX_BATCH, ReadBatch, ReadDone, ReadMark
from shared.wire.log import Notice

_PAUSE_S = 0.5


class Reads:
    """notify: called with what the answers bring for this node's own users. log: whose seqs are marked now."""

    def __init__(
        self, link: Link, node: str, notify: Callable[[Notice], None], log: Callable[[], str]
    ) -> None:
        self._link = link
        self._log = log
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

    def forget(self) -> None:
        """The log is another one: a seq may be another message's now."""
        self._marks.clear()

    async def run(self) -> None:
        """Sends batch after batch, forever."""
        while True:
            if not self._marks:
                await self._wake.wait()
            self._wake.clear()
            while self._marks:
                await reach("relay.before_reads")
                of = self._log()
                part = [self._marks.pop(key) for key in list(self._marks)[:MAX_BATCH]]
                if not await self._send(part, of) and self._log() == of:
                    for mark in part:
                        self.add(mark)
                    await asyncio.sleep(_PAUSE_S)

    async def _send(self, marks: list[ReadMark], of: str) -> bool:
        try:
            answer = await self._link.ask(ReadBatch(self._link.number(), self._node, marks, of))
        except LinkLost:
            return False
        if isinstance(answer, ReadDone):
            for notice in answer.notices:
                self._notify(notice)
        return isinstance(answer, ReadDone)
