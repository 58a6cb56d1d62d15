"""The link: a relay's kept-open connection that carries batches and their answers, and the heads feed.

A batch may start while the one before it is under way, unless both hold sends of one person to another; then it
waits, and fails if that one failed: otherwise the relay's repetition of the first would come after the second.
"""

import asyncio
from collections.abc import Callable, Hashable

import msgspec
import structlog

from services.threads import rules
from services.threads.append import Appender
from services.threads.audience import Audience
from services.threads.reads import Reads
from shared.plumbing.failpoints import reach
from shared.plumbing.transport.packets import Packets
from shared.wire import codec
from shared.wire.link import (
    MAX_BATCH,
    MAX_LINK_BYTES,
    AppendBatch,
    Appended,
    AppendFailed,
    Beat,
    Here,
    LinkReply,
    LinkRequest,
    ReadBatch,
    ReadDone,
)
from shared.wire.log import Head
from shared.wire.problems import FieldError, Invalid, Problem, Unavailable

MAX_IN_FLIGHT = 3
"""Two batches of sends and one of read positions."""
_FINISH_S = 2.0
_CLOSE_S = 1.0
_decode = msgspec.json.Decoder(LinkRequest).decode
log = structlog.get_logger()


class Link(Packets):
    """One relay's link. If the relay reads slowly, that delays only this link.

    audience: of the heads feed; it is left once the relay is gone and everything that it asked for is done.
    ends: whether this program is about to end.
    """

    def __init__(
        self, appender: Appender, reads: Reads, audience: Audience, ends: Callable[[], bool] = bool
    ) -> None:
        super().__init__(MAX_LINK_BYTES)
        self._appender = appender
        self._reads = reads
        self._audience = audience
        self._ends = ends
        self._under_way: dict[asyncio.Task[bool], frozenset[Hashable]] = {}
        self._heads: dict[int, Head] = {}
        self._missed = False
        self._log = ""
        self._here = 0
        self._chosen_by = 0
        self._beat_due = False
        self._taken = asyncio.Event()
        self._taken.set()
        self._over = asyncio.Event()

    def beat(self, heads: list[Head], *, missed: bool = False, log: str = "") -> None:
        """Sends the heads that rose in the last second, with those a slow relay has yet to take.

        missed, log: as in Beat.
        """
        if log != self._log:
            self._heads, self._log = {}, log
        self._heads.update((head.thread, head) for head in heads)
        self._missed |= missed
        if not self._beat_due:  # else: the first of those that wait says what they all know
            self._chosen_by = self._here
        self._beat_due = True
        if not self.slow:
            self._send_beat()

    async def finish(self) -> None:
        """Answers what is under way, then closes. The program ends: a relay that does not read is not waited for."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_FINISH_S)
        self.close()
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._over.wait()
        except TimeoutError:
            self.abort()

    # What the connection tells.

    def received(self, packet: bytes) -> None:
        try:
            request = _decode(packet)
        except (msgspec.DecodeError, TypeError) as error:
            log.error("a packet on the link is not understood", error=str(error))
            self.abort()
            return
        if isinstance(request, Here):
            self._here = request.number
            self._audience.here(self, request.came, request.gone)
            return
        self._start(request)
        if len(self._under_way) >= MAX_IN_FLIGHT:
            self.hold()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._taken.clear()

    def drained(self) -> None:
        self._taken.set()
        if self._beat_due:
            self._send_beat()

    def lost(self) -> None:
        self._taken.set()
        self._over.set()
        if not self._under_way:  # else: what is committed now must still be hinted
            self._audience.leave(self)

    # Batches.

    def _start(self, request: AppendBatch | ReadBatch) -> None:
        holds: frozenset[Hashable] = frozenset()
        if isinstance(request, AppendBatch):
            holds = frozenset((item.sender, item.to) for item in request.items)
        before = [task for task, held in self._under_way.items() if not held.isdisjoint(holds)]
        task = asyncio.create_task(self._answer(request, before))
        self._under_way[task] = holds
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[bool]) -> None:
        del self._under_way[task]
        self.release()
        if self._over.is_set() and not self._under_way:
            self._audience.leave(self)

    async def _answer(self, request: AppendBatch | ReadBatch, before: list[asyncio.Task[bool]]) -> bool:
        """Whether the batch was tried. Its place becomes free only once its answer is taken."""
        await reach("threads.batch_received")
        if before:
            await asyncio.wait(before)
        reply: LinkReply
        if isinstance(request, ReadBatch):
            reply = await self._mark(request)
        elif not all(task.result() for task in before):
            reply = AppendFailed(request.batch, Unavailable("An earlier batch failed").document())
        else:
            reply = await self._append(request)
        self.send(codec.encode(reply))
        if self.slow:
            await self._taken.wait()
        await reach("threads.after_answer")
        return not isinstance(reply, AppendFailed)

    async def _append(self, request: AppendBatch) -> Appended | AppendFailed:
        if len(request.items) > MAX_BATCH:
            return AppendFailed(request.batch, Invalid([FieldError("/items", "are too many")]).document())
        try:
            rules.check_author("relay", request.items)
            of = self._appender.log
            results = await self._appender.append(request.node, request.items, request.log, request.traces)
            return Appended(request.batch, results, of)
        except Problem as problem:
            return AppendFailed(request.batch, problem.document())
        except Exception:
            log.exception("a batch failed")
            return AppendFailed(request.batch, Unavailable().document())

    async def _mark(self, request: ReadBatch) -> ReadDone:
        try:
            return ReadDone(request.batch, await self._reads.mark(request.node, request.items, request.log))
        except Exception as error:  # best effort: `welcome` shows the true position again
            log.warning("read marks were lost", error=repr(error))
            return ReadDone(request.batch, [])

    def _send_beat(self) -> None:
        beat = Beat(
            list(self._heads.values()), self._missed, self._log, self._chosen_by, self._ends(),
            len(self._audience.links),
        )  # fmt: skip
        self._heads, self._missed, self._beat_due = {}, False, False
        self.send(codec.encode(beat))
