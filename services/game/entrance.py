"""The listener: answers plain questions about the classic board at once, and leaves everything else to aiohttp.

The answer is looked up within 4 us; aiohttp's request, task step, four middlewares and response took twenty times as
long. Plain is what our gateway writes; anything else, and anything to refuse, goes aiohttp's way.
"""

import asyncio
import time
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from msgspec import UNSET

from services.game.classic import answers
from services.game.keys import ENGINE
from shared.plumbing.http.head import json_call
from shared.plumbing.http.web import VERIFIER
from shared.plumbing.identity import GATEWAY, Caller
from shared.plumbing.telemetry.metrics import observe
from shared.wire import codec
from shared.wire.problems import Problem
from shared.wire.tictactoe import AskMove

_GATEWAY = Caller(GATEWAY)
ROUTE = "/api/tictactoe/move"
_REQUEST = json_call(f"POST {ROUTE}", "game")
_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"


class AtOnce:
    """What can be answered at once."""

    def __init__(self, app: web.Application) -> None:
        self._verifier = app[VERIFIER]
        self._engine = app[ENGINE]

    def answer(self, request: bytes) -> bytes | None:
        """The whole response to a whole request; None unless it is a plain question of our gateway with an answer."""
        started = time.perf_counter()
        head = _REQUEST.match(request)
        if head is None or len(request) != head.end() + int(head[2]):
            return None
        try:
            if self._verifier.caller(head[1].decode()) != _GATEWAY:
                return None
            asked = codec.decode(request[head.end() :], AskMove)
            if asked.variant != "classic":
                return None
            chance = self._engine.chance(None if asked.seed is UNSET else asked.seed)
            body = answers.answer(asked, chance)
        except Problem:
            return None
        observe("POST", ROUTE, 200, time.perf_counter() - started)
        return _RESPONSE % (len(body), body)


class Connection(RequestHandler):
    """aiohttp's, except for plain questions that come while it waits for a request."""

    __slots__ = ("_at_once",)

    def __init__(self, server: "Server", **options: Any) -> None:
        super().__init__(server, **options)
        self._at_once = server.at_once

    def data_received(self, data: bytes) -> None:
        # A body cannot pass for a request: once aiohttp has seen its head, it is not waiting for one.
        waits = self._waiter is not None and not self._waiter.done() and not self._close
        response = self._at_once.answer(data) if waits else None
        if response is None:
            super().data_received(data)
        elif self.transport is not None:
            self.transport.write(response)
            self._next_keepalive_close_time = (
                self._loop.time() + self._keepalive_timeout
            )  # aiohttp saw nothing


class Server(web.Server):
    """aiohttp's server of `app`, but that it makes Connections."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        super().__init__(app._handle, request_factory=app._make_request, **options)  # type: ignore[arg-type]
        self.at_once = AtOnce(app)

    def __call__(self) -> RequestHandler:
        return Connection(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs the game's application behind its entrance."""

    async def _make_server(self) -> web.Server:
        await super()._make_server()  # starts the application
        return Server(self.app, loop=asyncio.get_running_loop(), **self._kwargs)
