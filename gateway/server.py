"""The public listener: aiohttp's server, plus deadlines where it would wait forever, and problems for its errors."""

import asyncio
import re
from typing import Any, Protocol, cast

import structlog
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler

from shared.plumbing.http.web import problem_response
from shared.wire.problems import HeadersTooLarge, Internal, Malformed, Problem, TooSlow

HEAD_TIMEOUT_S = 4.5
FIRST_BYTE_TIMEOUT_S = 20.0
KEEPALIVE_S = 75.0
UNREAD_TIMEOUT_S = 10.0
_LINGER_S = 1.0
_MAX_HEADERS = 64
_OTHER_PROTOCOL = re.compile(rb" (?:RTSP|ICE)/[0-9.]+\r?\n")
"""The end of a request line that llhttp takes as well, without saying that it is not HTTP. JSON holds no line ends."""
_TAIL_BYTES = 16  # more than it can be long
_TOO_MANY_HEADERS = "Too many headers received"  # aiohttp has no exception of its own for it


class PublicConnection(RequestHandler):
    """aiohttp leaves half-sent heads open forever. Here a head has 4.5 s from its first byte.

    A connection that nothing comes over is kept for 20 s, since browsers open some in advance. An answer of which
    nothing is read for 10 s ends it, too.
    """

    __slots__ = ("_body", "_head_deadline", "_heard", "_server", "_tail", "_unread_deadline")

    def __init__(self, manager: "PublicServer", **options: Any) -> None:
        super().__init__(manager, **options)
        self._server = manager
        self._heard = False
        self._tail = b""
        self._body: StreamReader | None = None
        self._head_deadline: asyncio.TimerHandle | None = None
        self._unread_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # The clock runs for any byte that waits: a transport closed with one left to write lives until it is read.
        cast("asyncio.Transport", transport).set_write_buffer_limits(high=0)
        self._head_deadline = self._loop.call_later(FIRST_BYTE_TIMEOUT_S, self.force_close)

    def data_received(self, data: bytes) -> None:
        if not self._heard:
            self._heard = True
            self._stop_clock()
        if _OTHER_PROTOCOL.search(data) or _OTHER_PROTOCOL.search(self._tail + data[:_TAIL_BYTES]):
            self._refuse(Malformed("Only HTTP is spoken here"))
            return
        self._tail = (self._tail + data[-_TAIL_BYTES:])[-_TAIL_BYTES:]
        heads = self._request_count
        may_begin_head = (
            bool(data) and self._is_between_messages()
        )  # else it ends a body, or aiohttp looks again
        super().data_received(data)
        if self._request_count != heads:
            if self._messages:
                self._body = self._messages[-1][1]
            self._stop_clock()
        elif self._head_deadline is None and not self._upgraded and may_begin_head:
            self._head_deadline = self._loop.call_later(HEAD_TIMEOUT_S, self._head_is_late)

    def _is_between_messages(self) -> bool:
        return self._body is None or self._body.is_eof()

    def _stop_clock(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _head_is_late(self) -> None:
        self._head_deadline = None
        self._refuse(TooSlow("The head of the request did not come in time"))

    def _refuse(self, problem: Problem) -> None:
        """Ends the connection, with an answer unless one is being written."""
        if self.transport is not None and self._waiter is not None:
            self.transport.write(self._server.raw_answer(problem))
        self.force_close()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.transport is not None:
            self._wait_for_reader(self.transport)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._wait_no_more()

    def _wait_for_reader(self, transport: asyncio.Transport) -> None:
        unread = transport.get_write_buffer_size()
        self._unread_deadline = self._loop.call_later(
            UNREAD_TIMEOUT_S, self._ask_for_progress, transport, unread
        )

    def _ask_for_progress(self, transport: asyncio.Transport, unread: int) -> None:
        """transport: ours, also after aiohttp has closed and forgotten it."""
        if transport.get_write_buffer_size() < unread:
            self._wait_for_reader(transport)
        else:
            transport.abort()

    def _wait_no_more(self) -> None:
        if self._unread_deadline is not None:
            self._unread_deadline.cancel()
            self._unread_deadline = None

    def connection_lost(self, exc: BaseException | None) -> None:
        """Also called when the connection gets another owner."""
        self._stop_clock()
        self._wait_no_more()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answers what aiohttp itself refuses, mostly while parsing."""
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the answer is sent already")
        response = self._server.answer(_as_problem(status, exc))
        response.force_close()
        return response


def _as_problem(status: int, exc: BaseException | None) -> Problem:
    if isinstance(exc, LineTooLong) or str(exc).strip().endswith(_TOO_MANY_HEADERS):
        return HeadersTooLarge()
    if status < 500:
        return Malformed("This is not an HTTP request")
    structlog.get_logger().error("unexpected", exc_info=exc)
    return Internal()


class Entrance(Protocol):
    """Sees every request before the router does."""

    async def __call__(self, request: web.Request) -> web.StreamResponse: ...

    def dress(self, response: web.StreamResponse) -> None:
        """Adds the headers that every answer has."""


class PublicServer(web.Server):
    """Makes PublicConnections."""

    def __init__(self, entrance: Entrance, **options: Any) -> None:
        super().__init__(entrance, **options)  # type: ignore[arg-type]
        self._entrance = entrance

    def __call__(self) -> RequestHandler:
        return PublicConnection(self, loop=self._loop, **self._kwargs)

    def answer(self, problem: Problem) -> web.Response:
        """Answers with a problem outside of any handler."""
        response = problem_response(problem)
        self._entrance.dress(response)
        return response

    def raw_answer(self, problem: Problem) -> bytes:
        """The same as bytes, when there is no request to answer; closes the connection."""
        response = self.answer(problem)
        body = cast("bytes", response.body)
        headers = {**response.headers, "Content-Length": str(len(body)), "Connection": "close"}
        lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class PublicRunner(web.AppRunner):
    """Runs an application behind an entrance of its own, which sees a request before the router does."""

    def __init__(self, app: web.Application, entrance: Entrance, **options: Any) -> None:
        super().__init__(app, **options)
        self._entrance = entrance

    async def _make_server(self) -> web.Server:
        await super()._make_server()  # starts the application
        return PublicServer(
            self._entrance,
            request_factory=self.app._make_request,
            loop=asyncio.get_running_loop(),
            access_log=None,
            keepalive_timeout=KEEPALIVE_S,
            tcp_keepalive=False,  # TCP keepalive costs an eighth of opening a socket; deadlines and pings do its work
            lingering_time=_LINGER_S,
            max_headers=_MAX_HEADERS,
            auto_decompress=False,
        )
