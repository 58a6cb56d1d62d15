"""The link: a relay's kept-open websocket that carries batches and their answers, and the heads feed.

A batch may start while the one before it is under way, unless both hold sends of one person to another; then it
waits, and fails if that one failed: otherwise the relay's repetition of the first would come after the second.
"""

import asyncio
import contextlib
from collections.abc import Hashable

import msgspec
import structlog
from aiohttp import WSCloseCode, web

from services.threads import rules
from services.threads.append import Appender
from services.threads.reads import Reads
from shared.plumbing.failpoints import reach
from shared.plumbing.tasks import running
from shared.wire import codec
from shared.wire.log import (
    MAX_BATCH,
    AppendBatch,
    Appended,
    AppendFailed,
    Beat,
    Head,
    LinkReply,
    LinkRequest,
    ReadBatch,
    ReadDone,
)
from shared.wire.problems import FieldError, Invalid, Problem, Unavailable

MAX_FRAME_BYTES = 16 * 1024 * 1024
"""256 texts of 4000 characters fit, even if each is escaped."""
MAX_IN_FLIGHT = 3
"""Two batches of sends and one of read positions."""
_FINISH_S = 2.0
_CLOSE_S = 1.0
_decode = msgspec.json.Decoder(LinkRequest).decode
log = structlog.get_logger()


class Link:
    """One relay's link. If the relay reads slowly, that delays only this link."""

    def __init__(self, appender: Appender, reads: Reads) -> None:
        self._appender = appender
        self._reads = reads
        self._free = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._under_way: dict[asyncio.Task[bool], frozenset[Hashable]] = {}
        self._heads: dict[int, Head] = {}
        self._missed = False
        self._beat_due = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._socket = web.WebSocketResponse(
            max_msg_size=MAX_FRAME_BYTES, compress=False, decode_text=False, heartbeat=10, timeout=_CLOSE_S
        )

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serves until the relay goes, or `finish`."""
        await self._socket.prepare(request)
        self._transport = request.transport
        async with running(self._send_beats):
            await self._read()
            if self._under_way:  # what is committed now must still be hinted
                await asyncio.wait(self._under_way)
        return self._socket

    def beat(self, heads: list[Head], *, missed: bool = False) -> None:
        """Sends the heads that rose in the last second, with those a slow relay has yet to take. missed: as in Beat."""
        self._heads.update((head.thread, head) for head in heads)
        self._missed |= missed
        self._beat_due.set()

    async def finish(self) -> None:
        """Answers what is under way, then closes. The program ends: a relay that does not read is not waited for."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_FINISH_S)
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._socket.close(code=WSCloseCode.SERVICE_RESTART)
        except TimeoutError:
            if self._transport is not None:
                self._transport.abort()

    async def _read(self) -> None:
        async for frame in self._socket:
            try:
                request = _decode(frame.data)
            except (msgspec.DecodeError, TypeError) as error:
                log.error("a frame on the link is not understood", error=str(error))
                await self._socket.close(code=WSCloseCode.INVALID_TEXT)
                return
            await reach("threads.batch_received")
            await self._free.acquire()  # until then nothing more is read, and the relay feels it
            self._start(request)

    def _start(self, request: LinkRequest) -> None:
        holds: frozenset[Hashable] = frozenset()
        if isinstance(request, AppendBatch):
            holds = frozenset((item.sender, item.to) for item in request.items)
        before = [task for task, held in self._under_way.items() if not held.isdisjoint(holds)]
        task = asyncio.create_task(self._answer(request, before))
        self._under_way[task] = holds
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[bool]) -> None:
        del self._under_way[task]
        self._free.release()

    async def _answer(self, request: LinkRequest, before: list[asyncio.Task[bool]]) -> bool:
        """Whether the batch was tried. Its place becomes free only once its answer is written."""
        if before:
            await asyncio.wait(before)
        reply: LinkReply
        if isinstance(request, ReadBatch):
            reply = await self._mark(request)
        elif not all(task.result() for task in before):
            reply = AppendFailed(request.batch, Unavailable("An earlier batch failed").document())
        else:
            reply = await self._append(request)
        await self._send(reply)
        await reach("threads.after_answer")
        return not isinstance(reply, AppendFailed)

    async def _append(self, request: AppendBatch) -> Appended | AppendFailed:
        if len(request.items) > MAX_BATCH:
            return AppendFailed(request.batch, Invalid([FieldError("/items", "are too many")]).document())
        try:
            rules.check_author("relay", request.items)
            return Appended(request.batch, await self._appender.append(request.node, request.items))
        except Problem as problem:
            return AppendFailed(request.batch, problem.document())
        except Exception:
            log.exception("a batch failed")
            return AppendFailed(request.batch, Unavailable().document())

    async def _mark(self, request: ReadBatch) -> ReadDone:
        try:
            return ReadDone(request.batch, await self._reads.mark(request.node, request.items))
        except Exception as error:  # best effort: `welcome` shows the true position again
            log.warning("read marks were lost", error=repr(error))
            return ReadDone(request.batch, [])

    async def _send_beats(self) -> None:
        while True:
            await self._beat_due.wait()
            self._beat_due.clear()
            beat = Beat(list(self._heads.values()), self._missed)
            self._heads, self._missed = {}, False
            await self._send(beat)

    async def _send(self, reply: LinkReply) -> None:
        with contextlib.suppress(ConnectionError):  # the relay is gone, and asks again over its next link
            await self._socket.send_bytes(codec.encode(reply))
