"""GET /messages and /messages/{username} as a websocket: checked, answered by a relay, then handed over."""

import asyncio
import contextlib
import os
import socket

import structlog
from aiohttp import web

from gateway.admission import count
from gateway.handshake import SWITCHING, Handshake
from gateway.keys import ADDRESS, NODES, REQUEST_ID, TUNNELS
from gateway.nodes import Nodes
from gateway.sessions import Login, login_of
from gateway.socket_handoff import SocketHandoff
from gateway.tunnel import BrowserEnd, Tunnels
from shared.plumbing.app import SIGNER
from shared.plumbing.http.client import BrokenConnectionError, connect
from shared.plumbing.http.head import request_head
from shared.plumbing.http.rpc import refuse_mistrust
from shared.plumbing.identity import VOUCHED_HEADER
from shared.plumbing.transport.detach import detach, go_on, handed_over, stand_still
from shared.wire.problems import Unauthenticated, Unavailable

_AWAY = (BrokenConnectionError, TimeoutError, OSError)
_FROM_BROWSER = ("Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol")
_FROM_RELAY = (
    (b"sec-websocket-accept", "Sec-WebSocket-Accept"),
    (b"sec-websocket-protocol", "Sec-WebSocket-Protocol"),
)


def is_websocket(request: web.BaseRequest) -> bool:
    """Whether the browser asks for an upgrade. Upgrades to anything but a websocket have been refused by now."""
    return "Upgrade" in request.headers


async def open_tunnel(app: web.Application, request: web.Request) -> web.StreamResponse:
    """101 and a tunnel, or the relay's problem. Raises Unauthenticated, RateLimited, Unavailable."""
    login = await login_of(app, request)
    count(app, request, login)
    if login is None:
        raise Unauthenticated
    if app[TUNNELS].draining:
        raise Unavailable("This gateway is going down")
    head = _head(app[SIGNER].token("relay"), request, login)
    nodes = app[NODES]
    for node in nodes.order_for(login.user.username):
        address, passage = nodes.addresses.get(node), nodes.passages.get(node)
        if address is None or passage is None:
            continue  # it went while another was tried
        if await _passed(nodes, node, passage, request, head):
            return handed_over()
        handshake = Handshake()
        try:
            await connect(address, handshake)
            await handshake.upgrade(head)
        except _AWAY as error:
            handshake.abort()
            nodes.mark_down(node)
            structlog.get_logger().warning("a relay does not answer", node=node, error=repr(error))
            continue
        except BaseException:
            handshake.abort()
            raise
        if handshake.status == SWITCHING:
            return _hand_over(app[TUNNELS], request, handshake)
        handshake.abort()
        refuse_mistrust("relay", handshake.headers)
        if handshake.status != Unavailable.kind.status:
            return _refusal(handshake)
        nodes.mark_down(node)
    raise Unavailable("No relay can take the socket")


async def _passed(nodes: Nodes, node: str, passage: SocketHandoff, request: web.Request, head: bytes) -> bool:
    """Whether the socket now belongs to the relay, or was lost on the way there."""
    transport = request.transport
    if transport is None or transport.is_closing() or transport.get_write_buffer_size():
        return False
    raw = transport.get_extra_info("socket")
    try:
        taken = await passage.offer(raw.fileno(), head[:-4], stand_still(request))
    except _AWAY as error:
        # The relay may write its answer at any time, so nobody else may: the browser has to come again.
        nodes.mark_down(node)
        structlog.get_logger().warning("a relay does not answer", node=node, error=repr(error))
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(raw.fileno())) as copy:
            copy.shutdown(socket.SHUT_RDWR)
        taken = True
    if not taken:
        go_on(request)
        return False
    with contextlib.suppress(ConnectionResetError):
        ours, _ = detach(request, asyncio.Protocol())
        ours.abort()
    return True


def _head(token: str, request: web.Request, login: Login) -> bytes:
    more = [("Connection", "Upgrade"), ("Upgrade", "websocket"), (VOUCHED_HEADER, login.vouched)]
    more += [(name, value) for name in _FROM_BROWSER for value in request.headers.getall(name, ())]
    what = f"GET {request.rel_url.raw_path_qs}"
    return request_head(what, "relay", token, more, request_id=request[REQUEST_ID], address=request[ADDRESS])


def _refusal(handshake: Handshake) -> web.Response:
    headers = {}
    for key in (b"content-type", b"retry-after", b"sec-websocket-version"):
        if key in handshake.headers:
            headers[key.decode().title()] = handshake.headers[key].decode("latin-1")
    response = web.Response(status=handshake.status, body=handshake.after_head, headers=headers)
    response.force_close()
    return response


def _hand_over(tunnels: Tunnels, request: web.Request, handshake: Handshake) -> web.StreamResponse:
    """Awaits nothing, so that no byte can arrive between the two owners."""
    relay, end = handshake.transport, BrowserEnd(tunnels)
    if relay is None:
        raise Unavailable("The relay went away during the upgrade")
    try:
        browser, early = detach(request, end)
    except ConnectionResetError:  # nobody is left to be told
        handshake.abort()
        return handed_over()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    for key, name in _FROM_RELAY:
        if key in handshake.headers:
            lines.append(f"{name}: {handshake.headers[key].decode('latin-1')}")
    lines += [f"X-Request-Id: {request[REQUEST_ID]}", "", ""]
    end.join(browser, relay)  # first, so that the relay pauses if not even this is read
    browser.write("\r\n".join(lines).encode("latin-1") + handshake.after_head)
    if early:
        relay.write(early)
    return handed_over()
