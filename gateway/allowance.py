"""One allowance of messages for both ways: a call counts against what the person's sockets may send.

The relay that has, or would have, their sockets counts. Sends on a socket ask nobody.
"""

import asyncio
import contextlib
from http import HTTPStatus

from aiohttp import web

from gateway.keys import LIMITS, NODES
from gateway.sessions import Login
from shared.plumbing.app import SIGNER
from shared.plumbing.http.head import json_body, request_head
from shared.wire import codec
from shared.wire.allowance import TakeSend
from shared.wire.problems import RateLimited, Unavailable

_PATIENCE_S = 0.5


async def take_send(app: web.Application, login: Login) -> None:
    """Raises RateLimited. While no relay answers, nobody sends on a socket, and the gateway's own limit is enough."""
    if not app[LIMITS].on:
        return
    body = codec.encode(TakeSend(login.info.user))
    token, more = app[SIGNER].token("relay"), json_body(body)
    head = request_head("POST /internal/sends", "relay", token, more)
    with contextlib.suppress(Unavailable, TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            answer = await app[NODES].ask(login.user.username, head + body)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise RateLimited(int(answer.headers.get(b"retry-after", b"1")) - 0.5)
