"""What every request passes before the router: checks, a request id, error handling, headers, metrics.

Websockets never reach the router: there is only one kind, and the relay decides who may have which.
"""

import time
from collections.abc import Callable
from itertools import count
from secrets import token_hex

import structlog
from aiohttp import web

from gateway import security
from gateway.handshake import SWITCHING
from gateway.keys import ADDRESS, REQUEST_ID, SITE
from gateway.security import OddRequest
from gateway.static_files import PREFIX as STATIC_PREFIX
from gateway.upgrade import is_websocket, open_tunnel
from shared.plumbing.app import STATE
from shared.plumbing.http.traced import answered, name_call
from shared.plumbing.http.web import as_problem, problem_response
from shared.plumbing.telemetry import log, traces
from shared.plumbing.telemetry.metrics import observe
from shared.wire.problems import ExpectationFailed, Problem, TooSlow

ErrorPage = Callable[[web.Application, web.Request, Problem], web.Response | None]
_HEALTH = "/health/"
_FAILED = 500


class RequestPipeline:
    """The entrance of the public listener. error_page: HTML for a client that asked for a page, else None."""

    def __init__(self, app: web.Application, error_page: ErrorPage) -> None:
        self._app = app
        self._site = app[SITE]
        self._state = app[STATE]
        self._error_page = error_page
        self._document_headers = security.document_headers(self._site)
        self._file_headers = security.file_headers(self._site)
        self._ids, self._numbers = token_hex(6), count(1)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        started = time.perf_counter()
        request_id = self._new_id()
        log.REQUEST_ID.set(request_id)
        request[REQUEST_ID] = request_id
        forwarded = request.headers.getall("X-Forwarded-For", ())
        request[ADDRESS] = self._site.client_address(request.remote or "", forwarded)
        try:
            security.refuse_oddities(request)
            if not request.path.startswith(_HEALTH):  # probes use whatever address they know
                security.refuse_foreign(request, self._site)
            if is_websocket(request):
                response = await open_tunnel(self._app, request)
            else:
                response = await self._app._handle(request)
        except Exception as error:
            response = self._refusal(request, error)
        if response.status == SWITCHING:  # the connection belongs to a tunnel now: nothing to write
            return response
        is_file = request.path.startswith(STATIC_PREFIX)
        security.add_missing(response, self._file_headers if is_file else self._document_headers)
        response.headers["X-Request-Id"] = request_id
        if self._state["draining"]:
            response.force_close()  # the next connection goes to a gateway that stays
        seconds = time.perf_counter() - started
        observe(request.method, _route(request), response.status, seconds)
        if response.status >= _FAILED:
            structlog.get_logger().warning(
                "a call failed", method=request.method, status=response.status, seconds=round(seconds, 3)
            )
        return response

    def dress(self, response: web.StreamResponse) -> None:
        """The headers of an answer that no handler made."""
        security.add_missing(response, self._document_headers)
        response.headers["X-Request-Id"] = self._new_id()

    def _new_id(self) -> str:
        return f"{self._ids}-{next(self._numbers):x}"

    def _refusal(self, request: web.Request, error: Exception) -> web.StreamResponse:
        if isinstance(error, web.HTTPException) and error.status < 400:
            return error
        if isinstance(error, web.HTTPExpectationFailed):
            error = ExpectationFailed("Only 100-continue can be expected")
        problem = as_problem(error, _route(request))
        response = self._error_page(self._app, request, problem) or problem_response(problem)
        if isinstance(error, (OddRequest, TooSlow)) or "Upgrade" in request.headers:
            response.force_close()  # what follows on this connection cannot be trusted
        return response


class TracedPipeline(RequestPipeline):
    """Where traces are taken: of what browsers ask for, none begins but here, whatever a browser says of its own.

    Not of probes and files, of which there are many that say nothing, nor of a socket: its messages have traces.
    """

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        left_out = request.path.startswith((_HEALTH, STATIC_PREFIX)) or is_websocket(request)
        tracer = traces.tracer
        if left_out or tracer is None or (span := tracer.root(request.method)) is None:
            return await super().__call__(request)
        with traces.doing(span):
            response = await super().__call__(request)
            name_call(span, request.method, _route(request))
            answered(span, response.status)
            return response


def _route(request: web.Request) -> str:
    """For logs and metrics; never taken from the path, which may hold a name, or the token of an invitation."""
    match = request._match_info
    resource = match.route.resource if match is not None else None
    if resource is not None:
        return resource.canonical
    return "socket" if is_websocket(request) else "unknown"
