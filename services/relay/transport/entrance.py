"""The listener: an upgrade as our gateway writes it opens a socket at once; all else is aiohttp's.

For every connection aiohttp makes a parser, a request, a task and a walk through routes and middlewares: more than
all that the socket itself takes to open. What is not plain here, or is to be refused, goes that way.
"""

import asyncio
import re
from typing import NamedTuple, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from multidict import CIMultiDict

from services.relay.connection import Connection
from services.relay.keys import NODE
from services.relay.transport import handshake
from shared.plumbing.front import FrontRunner, FrontServer
from shared.plumbing.identity import User
from shared.plumbing.web import VERIFIER
from shared.wire.ids import fold
from shared.wire.problems import Problem

_REQUEST = re.compile(r"GET /messages(?:/([A-Za-z0-9_.-]+))? HTTP/1\.1")
_HEADER = re.compile(r"([A-Za-z0-9-]+): ([ -~]*)")
_OF_A_BODY = ("Content-Length", "Transfer-Encoding", "Expect")
_MAX_HEAD_BYTES = 8000
_MAX_ARRIVED_BYTES = 256 * 1024


class Plain(NamedTuple):
    """An upgrade that is granted if `peer` (folded; "" for the inbox) exists. response: the head of the answer."""

    user: User
    peer: str
    response: bytes


def read(app: web.Application, head: bytes) -> Plain | None:
    """The request up to its empty line; None for anything but an upgrade by somebody who may have it."""
    try:
        first, *lines = head.decode("ascii").split("\r\n")
        request, fields = _REQUEST.fullmatch(first), [_HEADER.fullmatch(line) for line in lines]
        if request is None or None in fields:
            return None
        headers = CIMultiDict((field[1], field[2]) for field in fields if field)
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or any(name in headers for name in _OF_A_BODY):
            return None
        user = handshake.speaks_for(app[VERIFIER].caller(token), headers)
        response = handshake.handshake(headers)
        handshake.check_session(app[NODE], user)
    except (UnicodeDecodeError, Problem):
        return None
    peer = fold(request[1] or "")
    return Plain(user, peer, response) if not peer or handshake.could_be_peer(peer, user.username) else None


class Newcomer(asyncio.Protocol):
    """A connection until it is known what it wants."""

    __slots__ = ("_app", "_arrived", "_server", "_transport")

    def __init__(self, app: web.Application, server: "Server") -> None:
        self._app = app
        self._server = server
        self._arrived = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._arrived:  # while a name is looked up
            self._arrived += data
            if len(self._arrived) > _MAX_ARRIVED_BYTES and self._transport is not None:
                self._transport.abort()
            return
        self._arrived = data
        end = data.find(b"\r\n\r\n", 0, _MAX_HEAD_BYTES)
        plain = read(self._app, data[:end]) if end > 0 else None
        if plain is None:
            self._pass_on()
            return
        self._arrived = data[end + 4 :]
        node = self._app[NODE]
        if not plain.peer or node.names.id_of(plain.peer) is not None:
            self._open(plain)
        else:
            self._arrived = data
            node.spawn(self._look_up(plain, end + 4))

    async def _look_up(self, plain: Plain, start: int) -> None:
        node = self._app[NODE]
        try:
            found = await node.calls.user_named(plain.peer) is not None
            handshake.check_session(node, plain.user)
        except Exception:
            # aiohttp's way meets it again, answers with a problem and logs it; nobody awaits this task.
            found = False
        if not found:
            self._pass_on()
            return
        self._arrived = self._arrived[start:]
        self._open(plain)

    def _open(self, plain: Plain) -> None:
        transport, self._transport = self._transport, None
        if transport is None or transport.is_closing():
            return
        node = self._app[NODE]
        connection = Connection(node, plain.user)
        transport.set_protocol(connection)
        handshake.begin(node, connection, transport, plain.response, self._arrived)

    def _pass_on(self) -> None:
        transport, self._transport = self._transport, None
        if transport is None or transport.is_closing():
            return
        handler = self._server.handler()
        transport.set_protocol(handler)
        handler.connection_made(transport)
        handler.data_received(self._arrived)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None


class Server(FrontServer):
    """aiohttp's server behind Newcomers."""

    def __call__(self) -> Newcomer:  # type: ignore[override]  # what a listener makes of a connection
        return Newcomer(self._app, self)

    def handler(self) -> RequestHandler:
        """What aiohttp makes of a connection."""
        return super().__call__()


class Runner(FrontRunner):
    """Runs the relay's application behind its entrance."""

    server_of = Server
