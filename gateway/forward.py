"""Calls that a service answers: checked here, then forwarded with a token that says who calls."""

import asyncio
from collections.abc import Iterable
from typing import TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestPayloadError

from gateway.admission import admit_anyone, admit_login
from gateway.allowance import take_send
from gateway.keys import ADDRESS, REQUEST_ID, UPSTREAMS
from gateway.route import Route
from gateway.security import OddRequest
from gateway.sessions import SESSIONS, Login
from shared.plumbing.app import SIGNER
from shared.plumbing.http.client import Answer
from shared.plumbing.http.head import request_head
from shared.plumbing.http.rpc import refuse_mistrust
from shared.plumbing.http.web import read_json
from shared.wire.http import MAX_BODY_BYTES
from shared.wire.problems import TooLarge, TooSlow

T = TypeVar("T")
BODY_TIMEOUT_S = 3.5
_PASSED_BACK = ((b"content-type", "Content-Type"), (b"retry-after", "Retry-After"), (b"allow", "Allow"))


def forwarding(route: Route) -> Handler:
    """The handler of a route that a service answers."""

    async def forward_route(request: web.Request) -> web.Response:
        return await forward(request, route)

    return forward_route


async def forward(request: web.Request, route: Route) -> web.Response:
    """The service's answer. Raises Unauthenticated, RateLimited, TooLarge, TooSlow, Unavailable."""
    app = request.app
    login = None
    if route.session:
        login = await admit_login(request, route.limit)
        if route.limit == "messages":
            await take_send(app, login)
    else:
        admit_anyone(request, route.limit)
    body = await read_body(request) if route.body is not None else b""
    method = "GET" if request.method == "HEAD" else request.method
    more: tuple[tuple[str, str], ...] = ()
    if route.body is not None:
        content_type = request.headers.get("Content-Type", "application/octet-stream")
        more = (("Content-Type", content_type), ("Content-Length", str(len(body))))
    head = head_for(request, route.service, f"{method} {request.rel_url.raw_path_qs}", login, more)
    try:
        answer = await app[UPSTREAMS][route.service].ask(head + body)
    finally:
        if route.drops_sessions and login is not None:
            app[SESSIONS].drop_user(login.info.user)
    refuse_mistrust(route.service, answer.headers)
    return _response(answer)


async def read_body(request: web.Request) -> bytes:
    """The whole body, at most 64 KiB, within 3.5 s. Raises TooLarge, TooSlow."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise TooLarge(f"At most {MAX_BODY_BYTES} bytes")
    try:
        if request.content.is_eof():  # came with its head, as nearly always
            return await request.read()
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await request.read()
    except TimeoutError:
        raise TooSlow("The body of the request did not come in time") from None
    except (RequestPayloadError, HttpProcessingError):
        raise OddRequest("The body of the request is not well-formed") from None


async def read_as(request: web.Request, of: type[T]) -> T:
    """The body as `of`. Raises what `read_body` and `read_json` raise."""
    await read_body(request)  # read_json alone would wait forever; aiohttp keeps the bytes for it
    return await read_json(request, of)


async def fetch(request: web.Request, service: str, target: str, login: Login) -> Answer:
    """What the caller would get from `GET target`; the question is the gateway's own. Raises Unavailable."""
    return await request.app[UPSTREAMS][service].ask(head_for(request, service, f"GET {target}", login))


def head_for(
    request: web.Request,
    service: str,
    what: str,
    login: Login | None,
    more: Iterable[tuple[str, str]] = (),
) -> bytes:
    """The head of a call. None of the client's headers can reach a service by accident. what: method and target."""
    token = request.app[SIGNER].token(service, login.user if login else None)
    return request_head(what, service, token, more, request_id=request[REQUEST_ID], address=request[ADDRESS])


def _response(answer: Answer) -> web.Response:
    headers = {
        name: answer.headers[key].decode("latin-1") for key, name in _PASSED_BACK if key in answer.headers
    }
    return web.Response(status=answer.status, body=answer.body or None, headers=headers)
