"""Every route of the relay."""

from aiohttp import web

from services.relay import upgrade

ROUTES = [
    web.get("/messages", upgrade.open_socket, allow_head=False),
    web.get("/messages/{username}", upgrade.open_socket, allow_head=False),
]
