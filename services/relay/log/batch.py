"""Group commit without a timer: whatever arrives while a batch is in flight forms the next one.

When many sends wait, a second batch, of other senders or other threads, goes out beside the first: while PostgreSQL
stores one, this node and threads read and write the other.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from services.relay.log.apart import Apart, Append
from services.relay.log.link import Link
from services.relay.log.linked import LinkLost
from services.relay.log.sent import Key, Sent, key_of
from services.relay.metrics import BATCH_ITEMS, REPEATED_BATCHES
from shared.plumbing.failpoints import reach
from shared.plumbing.tasks import forever
from shared.plumbing.telemetry import traces
from shared.plumbing.telemetry.traces import Span
from shared.wire.link import MAX_BATCH, AppendBatch, Appended, AppendResult

MAX_BATCH_BYTES = 1024 * 1024
MAX_PENDING_BYTES = 16 * 1024 * 1024
"""While more waits, whoever sends is not read until they have their answers: what a frozen peer costs is bounded."""

WORTH_A_SECOND = 32
"""So many sends must wait before a second batch pays: a batch costs about the same whatever its size."""

_ITEM_OVERHEAD = 512
_MAX_PAUSE_S = 1.0


Settle = Callable[[Sent, AppendResult], None]


class _Lane:
    """Carries one batch at a time. keys: of what is in flight."""

    def __init__(self) -> None:
        self.in_flight: deque[Sent] = deque()
        self.keys: set[Key] = set()
        self.wake = asyncio.Event()


class Batcher:
    """settle: called with each item's result; those of one person to another in the order of the sends.

    append_alone: appends one item in another way, which may take its time. is_current: whether a log is the one that
    this node knows.
    """

    def __init__(
        self,
        link: Link,
        node: str,
        settle: Settle,
        append_alone: Append,
        is_current: Callable[[str], bool],
    ) -> None:
        self._link = link
        self._node = node
        self._settle = settle
        self._is_current = is_current
        self._pending: deque[Sent] = deque()
        self._pending_bytes = 0
        self._lanes = (_Lane(), _Lane())
        self._apart = Apart(append_alone, self._settle_apart)
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, sent: Sent) -> None:
        """Appends `sent` with the next batch."""
        self._idle.clear()
        self._pending.append(sent)
        self._pending_bytes += _size(sent)
        sent.connection.order.asked(sent.item.to, sent.item.client_id.int)
        sent.connection.asked(congested=self._pending_bytes > MAX_PENDING_BYTES)
        self._wake()

    def _wake(self) -> None:
        for lane in self._lanes:
            if not lane.in_flight:
                if self._pays(lane):
                    lane.wake.set()
                break

    async def finished(self) -> None:
        """Returns once nothing is pending or in flight."""
        await self._idle.wait()

    async def run(self) -> None:
        """Sends batch after batch, forever."""
        try:
            await asyncio.gather(*(forever(partial(self._run, lane)) for lane in self._lanes))
        finally:
            await self._apart.tasks.close()

    async def _run(self, lane: _Lane) -> None:
        lane.wake.set()  # look first each time it is started: the last run may have ended in an error
        while True:
            await lane.wake.wait()
            lane.wake.clear()
            await reach("relay.before_batch")
            while lane.in_flight or self._take(lane):
                answer = await self._append(lane)
                await reach("relay.before_settle")
                self._settle_all(lane, answer)
                await reach("relay.before_batch")
            if not (self._pending or self._apart or any(other.in_flight for other in self._lanes)):
                self._idle.set()

    def _pays(self, lane: _Lane) -> bool:
        """Whether `lane` takes what waits, or leaves it to one that is under way."""
        return len(self._pending) >= WORTH_A_SECOND or not any(
            other.in_flight for other in self._lanes if other is not lane
        )

    def _take(self, lane: _Lane) -> bool:
        """Moves the next batch from pending to in flight; False if there is nothing to send.

        A send that must stay behind one in flight in another lane waits for that lane; one with attachments, also for
        one of this batch.
        """
        lane.keys = set()
        if not self._pays(lane):
            return False
        elsewhere = {key for other in self._lanes if other is not lane for key in other.keys}
        passed: list[Sent] = []
        size = 0
        while (
            self._pending
            and len(lane.in_flight) < MAX_BATCH
            and size < MAX_BATCH_BYTES
            and len(passed) < MAX_BATCH
        ):
            sent = self._pending.popleft()
            key = key_of(sent)
            of_another_log = lane.in_flight and sent.log != lane.in_flight[0].log
            if key in elsewhere or (sent.item.attachments and key in lane.keys) or of_another_log:
                elsewhere.add(key)
                passed.append(sent)
                continue
            if self._apart.takes(key, sent):
                continue
            self._pending_bytes -= _size(sent)
            size += len(sent.item.body)
            lane.in_flight.append(sent)
            lane.keys.add(key)
        self._pending.extendleft(reversed(passed))
        if lane.in_flight:
            BATCH_ITEMS.observe(len(lane.in_flight))
        return bool(lane.in_flight)

    async def _append(self, lane: _Lane) -> Appended:
        """The answer to the batch in flight, which is repeated, unchanged, until there is one."""
        items = [sent.item for sent in lane.in_flight]
        spans = {} if traces.tracer is None else _begun(lane.in_flight)
        traced = {place: span.place.traceparent for place, span in spans.items()}
        batch = AppendBatch(self._link.number(), self._node, items, lane.in_flight[0].log, traced)
        pause_s = 0.05
        while True:
            try:
                answer = await self._link.ask(batch)
            except LinkLost:
                answer = None
            if isinstance(answer, Appended):
                if self._is_current(answer.log):
                    for span in spans.values():
                        span.end(batch=len(items))
                    return answer
                self._link.doubt()
            REPEATED_BATCHES.inc()
            if answer is not None:  # threads itself could not try (Postgres is away), or into another log
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _MAX_PAUSE_S)

    def _settle_all(self, lane: _Lane, answer: Appended) -> None:
        refused: dict[tuple[int, str], AppendResult] = {}
        for result in answer.results:
            sent = lane.in_flight.popleft()
            if result.problem is not None and result.problem.retry:
                refused[id(sent.connection), sent.item.to] = result
            self._settle_one(sent, result)
        if refused:
            self._refuse_followers(refused)

    def _settle_apart(self, sent: Sent, result: AppendResult, behind: deque[Sent]) -> None:
        self._pending.extendleft(reversed(behind))
        self._pending_bytes -= _size(sent)
        self._settle_one(sent, result)
        if result.problem is not None and result.problem.retry:
            self._refuse_followers({(id(sent.connection), sent.item.to): result})
        self._wake()

    def _refuse_followers(self, refused: dict[tuple[int, str], AppendResult]) -> None:
        """Refuses what came after a send that has to come again, so that nothing overtakes it. It is all pending."""
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
        if sent.trace is not None:
            problem = "" if result.problem is None else result.problem.code
            sent.trace.end(problem, kind=sent.item.kind)


def _begun(sends: Iterable[Sent]) -> dict[int, Span]:
    """The spans of those that are traced, by their places, from now until the batch is answered."""
    spans = {}
    for place, sent in enumerate(sends):
        if (above := sent.trace) is not None:
            above.child("wait", started=above.started).end()
            spans[place] = above.child("append", "client")
    return spans


def _size(sent: Sent) -> int:
    """About what it takes in memory."""
    return _ITEM_OVERHEAD + 4 * len(sent.item.body)
