"""The link: one kept-open websocket to threads. Requests and answers by number, and a beat a second."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Literal

import aiohttp
import msgspec
import structlog

from services.relay.metrics import LINK_BREAKS, LINK_UP
from shared.plumbing.failpoints import reach
from shared.plumbing.rpc import Peer
from shared.plumbing.tasks import running
from shared.wire import codec
from shared.wire.log import AppendBatch, Appended, AppendFailed, Beat, Head, LinkReply, ReadBatch, ReadDone
from shared.wire.problems import Problem

PATH = "/internal/link"
_BEAT_WITHIN_S = 3.0
_ANSWER_WITHIN_S = 3.0
_CLOSE_WITHIN_S = 0.3
_CONNECT_WITHIN_S = 3.0
_MAX_PAUSE_S = 1.0

Answer = Appended | AppendFailed | ReadDone
LinkSocket = aiohttp.ClientWebSocketResponse[Literal[False]]
log = structlog.get_logger()


class LinkLost(ConnectionError):
    """The link broke before the answer came: what was asked may have been done or not."""


class Link:
    """on_heads: the heads feed. on_missed: after every (re)connection, and whenever beats may have been missed."""

    def __init__(
        self,
        threads: Peer,
        on_heads: Callable[[list[Head]], None],
        on_missed: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self._threads = threads
        self._on_heads = on_heads
        self._on_missed = on_missed
        self._missed = asyncio.Event()
        self._decoder: msgspec.json.Decoder[LinkReply] = msgspec.json.Decoder(LinkReply)
        self._socket: LinkSocket | None = None
        self._connected = asyncio.Event()
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._number = 0
        self._last_beat = 0.0

    @property
    def up(self) -> bool:
        return self._socket is not None

    async def check(self) -> str:
        """For readiness: the link stands."""
        if self._socket is None:
            raise LinkLost
        return "ok"

    def number(self) -> int:
        """A fresh number for a request."""
        self._number += 1
        return self._number

    async def ask(self, request: AppendBatch | ReadBatch) -> Answer:
        """Waits for the link, sends, waits for the answer. Raises LinkLost."""
        await self._connected.wait()
        socket = self._socket
        if socket is None:
            raise LinkLost
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[request.batch] = answer
        try:
            await reach("relay.before_link_send")
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                await socket.send_frame(codec.encode(request), aiohttp.WSMsgType.TEXT)
                await reach("relay.after_link_send")
                return await answer
        except TimeoutError as error:
            log.warning("no answer on the link", batch=request.batch)
            await self._drop(socket)
            raise LinkLost from error
        except (ConnectionError, aiohttp.ClientError) as error:
            await self._drop(socket)
            raise LinkLost from error
        finally:
            self._waiting.pop(request.batch, None)

    async def run(self) -> None:
        """Keeps the link forever."""
        address = self._threads.address
        connector = aiohttp.UnixConnector(address.path) if address.path else aiohttp.TCPConnector()
        async with aiohttp.ClientSession(address.origin, connector=connector) as http:
            await self._keep(http)

    async def _keep(self, http: aiohttp.ClientSession) -> None:
        pause_s = 0.05
        while True:
            try:
                async with asyncio.timeout(_CONNECT_WITHIN_S):
                    socket = await http.ws_connect(
                        PATH, headers=self._threads.headers(), max_msg_size=0, decode_text=False
                    )
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                log.debug("no link", error=repr(error))
                await asyncio.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311
                pause_s = min(pause_s * 2, _MAX_PAUSE_S)
                continue
            pause_s = 0.05
            await self._hold(socket)

    async def _hold(self, socket: LinkSocket) -> None:
        self._socket = socket
        self._last_beat = asyncio.get_running_loop().time()
        self._connected.set()
        LINK_UP.set(1)
        self._missed.set()
        try:
            async with running(partial(self._watch, socket), self._compare):
                await self._read(socket)
        finally:
            LINK_BREAKS.inc()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(LinkLost())
            await self._drop(socket)

    async def _read(self, socket: LinkSocket) -> None:
        try:
            async for message in socket:
                if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    break
                await reach("relay.link_answer")
                self._take(self._decoder.decode(message.data))
        except (aiohttp.ClientError, OSError, msgspec.MsgspecError) as error:
            log.warning("the link broke", error=repr(error))
        finally:
            self._retire(socket)

    async def _compare(self) -> None:
        """Whenever beats may have been missed: until that is made good, tries again."""
        while True:
            await self._missed.wait()
            self._missed.clear()
            try:
                await self._on_missed()
            except Exception as error:  # whatever it is: what was missed would stay so
                expected = isinstance(error, Problem | OSError)
                log.warning("heads cannot be compared", error=repr(error), exc_info=not expected)
                self._missed.set()
                await asyncio.sleep(_MAX_PAUSE_S)

    async def _watch(self, socket: LinkSocket) -> None:
        loop = asyncio.get_running_loop()
        while (left_s := self._last_beat + _BEAT_WITHIN_S - loop.time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left_s)
        log.warning("no beat on the link")
        await self._drop(socket)

    def _retire(self, socket: LinkSocket) -> None:
        """Nobody asks over it any more: on a closing transport a question fails without a turn of the loop, and
        who repeats it at once would keep the loop from ever seeing the end of the connection."""
        if self._socket is socket:
            self._socket = None
            self._connected.clear()
            LINK_UP.set(0)

    async def _drop(self, socket: LinkSocket) -> None:
        """Closes without waiting for long: whoever does not beat will not say good-bye either."""
        self._retire(socket)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_CLOSE_WITHIN_S):
                await socket.close()

    def _take(self, reply: LinkReply) -> None:
        if isinstance(reply, Beat):
            self._last_beat = asyncio.get_running_loop().time()
            self._on_heads(reply.heads)
            if reply.missed:
                self._missed.set()
        elif (answer := self._waiting.get(reply.batch)) is not None and not answer.done():
            answer.set_result(reply)
