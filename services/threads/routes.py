"""Every route of the threads service."""

from aiohttp import web

from services.threads import handlers, internal

ROUTES = [
    web.get("/api/threads", handlers.threads),
    web.get("/api/threads/{username}/messages", handlers.messages),
    web.get("/api/threads/{username}/events", handlers.events),
    web.post("/api/threads/{username}/messages", handlers.send),
    web.put("/api/threads/{username}/read", handlers.mark_read),
    web.get("/api/search", handlers.search),
    web.get("/internal/link", internal.link),
    web.post("/internal/append", internal.append),
    web.post("/internal/reads", internal.mark_read),
    web.post("/internal/heads", internal.heads),
    web.post("/internal/resolve", internal.resolve),
    web.post("/internal/deliveries", internal.deliveries),
]
