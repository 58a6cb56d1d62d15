"""Every route of the relay."""

from aiohttp import web

from services.relay.transport import handshake

ROUTES = [
    web.get("/messages", handshake.open_socket, allow_head=False),
    web.get("/messages/{username}", handshake.open_socket, allow_head=False),
]
