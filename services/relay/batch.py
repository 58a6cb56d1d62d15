"""Group commit without a timer: what arrives while a batch is in flight is the next batch."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from services.relay.connection import Connection
from services.relay.link import Link, LinkLost
from services.relay.metrics import BATCH_ITEMS, REPEATED_BATCHES
from shared.plumbing.failpoints import reach
from shared.wire.log import MAX_BATCH, AppendBatch, Appended, AppendItem, AppendResult

MAX_BATCH_BYTES = 1024 * 1024
MAX_PENDING_BYTES = 16 * 1024 * 1024
"""While more waits, whoever sends is not read until they have their answers: what a frozen peer costs is bounded."""

_ITEM_OVERHEAD = 512
_MAX_PAUSE_S = 1.0


class Sent(NamedTuple):
    """client_id: as the browser wrote it."""

    item: AppendItem
    connection: Connection
    client_id: str


Settle = Callable[[Sent, AppendResult], None]


class Batcher:
    """settle: called with each item's result, in the order of the sends."""

    def __init__(self, link: Link, node: str, settle: Settle) -> None:
        self._link = link
        self._node = node
        self._settle = settle
        self._pending: deque[Sent] = deque()
        self._pending_bytes = 0
        self._in_flight: deque[Sent] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, sent: Sent) -> None:
        """Appends `sent` with the next batch."""
        self._pending.append(sent)
        self._pending_bytes += _size(sent)
        sent.connection.asked(congested=self._pending_bytes > MAX_PENDING_BYTES)
        if not self._in_flight:
            self._idle.clear()
            self._wake.set()

    async def finished(self) -> None:
        """Returns once nothing is pending or in flight."""
        await self._idle.wait()

    async def run(self) -> None:
        """Sends batch after batch, for ever."""
        while True:
            if not self._in_flight and not self._pending:  # else this is a second life, after an error
                await self._wake.wait()
            self._wake.clear()
            while self._pending or self._in_flight:
                await reach("relay.before_batch")
                if not self._in_flight:
                    self._take()
                answer = await self._append()
                await reach("relay.before_settle")
                self._settle_all(answer)
            self._idle.set()

    def _settle_all(self, answer: Appended) -> None:
        refused: dict[tuple[int, str], AppendResult] = {}
        for result in answer.results:
            sent = self._in_flight.popleft()
            if result.problem is not None and result.problem.retry:
                refused[id(sent.connection), sent.item.to] = result
            self._settle_one(sent, result)
        if refused:
            self._refuse_followers(refused)

    def _refuse_followers(self, refused: dict[tuple[int, str], AppendResult]) -> None:
        """What came behind a send that has to come again would overtake it."""
        pending, self._pending = self._pending, deque()
        for sent in pending:
            if result := refused.get((id(sent.connection), sent.item.to)):
                self._pending_bytes -= _size(sent)
                self._settle_one(sent, result)
            else:
                self._pending.append(sent)

    def _settle_one(self, sent: Sent, result: AppendResult) -> None:
        self._settle(sent, result)
        sent.connection.answered()

    def _take(self) -> None:
        """Moves what goes into the next batch from pending to in flight."""
        size = 0
        while self._pending and len(self._in_flight) < MAX_BATCH and size < MAX_BATCH_BYTES:
            sent = self._pending.popleft()
            self._pending_bytes -= _size(sent)
            size += len(sent.item.body)
            self._in_flight.append(sent)
        BATCH_ITEMS.observe(len(self._in_flight))

    async def _append(self) -> Appended:
        """The answer to the batch in flight, which is repeated unchanged until there is one."""
        batch = AppendBatch(self._link.number(), self._node, [sent.item for sent in self._in_flight])
        pause_s = 0.05
        while True:
            try:
                answer = await self._link.ask(batch)
            except LinkLost:
                answer = None
            if isinstance(answer, Appended):
                return answer
            REPEATED_BATCHES.inc()
            if answer is not None:  # threads itself could not try: Postgres is away
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _MAX_PAUSE_S)


def _size(sent: Sent) -> int:
    """About what it takes in memory."""
    return _ITEM_OVERHEAD + 4 * len(sent.item.body)
