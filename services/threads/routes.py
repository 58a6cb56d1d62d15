"""Every route of the threads service. What programs call is declared here; the public calls, in gateway/contract.py."""

from aiohttp import web

from services.threads import handlers, internal
from shared.contract.internal import get, post
from shared.wire import log
from shared.wire.problems import NotFound

ROUTES = [
    web.get("/api/threads", handlers.threads),
    web.get("/api/threads/{username}/messages", handlers.messages),
    web.get("/api/threads/{username}/events", handlers.events),
    web.post("/api/threads/{username}/messages", handlers.send),
    web.post("/api/threads/{username}/events", handlers.change),
    web.get("/api/threads/{username}/messages/{seq}/history", handlers.texts),
    web.put("/api/threads/{username}/read", handlers.mark_read),
    web.put("/api/threads/{username}/delivered", handlers.mark_delivered),
    web.get("/api/threads/{username}/state", handlers.state),
    web.patch("/api/threads/{username}/state", handlers.change_state),
    web.get("/api/search", handlers.search),
    get("/internal/link", internal.link, {101: None}),
    post("/internal/append", internal.append, log.AppendBatch, {200: log.AppendedItems}),
    post("/internal/reads", internal.mark_read, log.ReadBatch, {200: log.ReadDone}),
    post("/internal/heads", internal.heads, log.HeadsOf, {200: log.HeadsAnswer}),
    post("/internal/resolve", internal.resolve, log.Resolve, {200: log.ResolvedThreads}),
    post("/internal/deliveries", internal.deliveries, log.DeliveriesAfter, {200: log.Deliveries}, NotFound),
    post("/internal/log", internal.log, log.LogAfter, {200: log.LogPage}),
    post("/internal/text", internal.text, log.TextOf, {200: log.CurrentText}, NotFound),
    post("/internal/standing", internal.standing, log.StandingOf, {200: log.Standings}),
]
