"""Every route of the notify service, all of them public: declared in gateway/contract.py."""

from aiohttp import web

from services.notify import handlers

ROUTES = [
    web.get("/api/push", handlers.state),
    web.put("/api/push", handlers.subscribe),
    web.delete("/api/push", handlers.unsubscribe),
]
