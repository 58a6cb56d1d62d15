"""The way in: who calls, whom they want to talk to, and the handshake (RFC 6455, section 4.2)."""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Mapping

import msgspec
from aiohttp import web
from multidict import MultiMapping

from services.relay.connection import Connection
from services.relay.keys import NODE
from services.relay.node import Node
from shared.plumbing.app import REQUEST_ID_HEADER
from shared.plumbing.http.web import CALLER, allow
from shared.plumbing.identity import GATEWAY, VOUCHED_HEADER, Caller, User
from shared.plumbing.transport.detach import detach, handed_over
from shared.wire.frames import SUBPROTOCOL
from shared.wire.ids import fold, is_username
from shared.wire.problems import Malformed, NotFound, Unauthenticated, Unavailable

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_BYTES = 16
_VERSION = "13"


@allow(GATEWAY)
async def open_socket(request: web.Request) -> web.StreamResponse:
    """GET /messages and /messages/{username}: 101; 400 no websocket, 401, 404 no such peer, 503 going or not able.

    A gateway on this host hands over the socket itself; this route serves all others, and whatever is to be refused.
    """
    node = request.app[NODE]
    user = speaks_for(request[CALLER], request.headers)
    if request.body_exists:
        raise Malformed("An upgrade has no body")
    response = handshake(request.headers)
    check_session(node, user)
    if (peer := request.match_info.get("username")) is not None:
        await _check_peer(node, fold(peer), user.username)
        check_session(node, user)  # it may have ended meanwhile
    connection = node.connection(user)
    transport, arrived = detach(request, connection)
    begin(node, connection, transport, response, arrived)
    return handed_over()


def speaks_for(caller: Caller, headers: Mapping[str, str]) -> User:
    """The user for whom the gateway opens the socket; it names them beside its own token. Raises Unauthenticated."""
    if caller != Caller(GATEWAY):
        raise Unauthenticated
    try:
        return msgspec.json.decode(headers[VOUCHED_HEADER], type=User)
    except (KeyError, msgspec.MsgspecError) as error:
        raise Unauthenticated("The gateway does not say for whom") from error


def check_session(node: Node, user: User) -> None:
    """Raises Unavailable, Unauthenticated."""
    if node.draining:
        raise Unavailable("This node is going away")
    if node.revocations.has_ended(user.session):
        raise Unauthenticated("The session has ended")


def begin(
    node: Node, connection: Connection, transport: asyncio.Transport, response: bytes, arrived: bytes
) -> None:
    """The transport is the connection's from now on."""
    node.arrived(connection)
    connection.expect_hello(node.config.hello_within_s)
    connection.start(transport, response, arrived)


def could_be_peer(peer: str, own_name: str) -> bool:
    """Whether it may be the (folded) name of somebody else."""
    return is_username(peer) and peer != own_name


async def _check_peer(node: Node, peer: str, own_name: str) -> None:
    if not could_be_peer(peer, own_name) or await node.calls.user_named(peer) is None:
        raise NotFound("Nobody you could write to has this name")


def handshake(headers: "MultiMapping[str]") -> bytes:
    """The head of the 101 answer. Raises Malformed."""
    if headers.get("Upgrade", "").strip().lower() != "websocket" or "upgrade" not in _tokens(
        headers.getall("Connection", [])
    ):
        raise Malformed("This address is a websocket: ask for an upgrade")
    if headers.get("Sec-WebSocket-Version") != _VERSION:
        raise Malformed("Only version 13 of the websocket protocol is spoken here")
    key = headers.get("Sec-WebSocket-Key", "").strip()
    try:
        decoded = base64.b64decode(key, validate=True)
    except binascii.Error:
        decoded = b""
    if len(decoded) != _KEY_BYTES:
        raise Malformed("Sec-WebSocket-Key is not 16 bytes in base64")
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {_accept(key)}",
    ]
    if "Sec-WebSocket-Protocol" in headers:
        if SUBPROTOCOL not in _tokens(headers.getall("Sec-WebSocket-Protocol"), lower=False):
            raise Malformed(f"The subprotocol here is {SUBPROTOCOL}")
        lines.append(f"Sec-WebSocket-Protocol: {SUBPROTOCOL}")
    if REQUEST_ID_HEADER in headers:
        lines.append(f"{REQUEST_ID_HEADER}: {headers[REQUEST_ID_HEADER]}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _accept(key: str) -> str:
    return base64.b64encode(hashlib.sha1(key.encode() + _MAGIC, usedforsecurity=False).digest()).decode()


def _tokens(values: list[str], *, lower: bool = True) -> set[str]:
    tokens = {token.strip() for value in values for token in value.split(",")}
    return {token.lower() for token in tokens} if lower else tokens
