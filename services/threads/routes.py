"""Every route of the threads service. What programs call is declared here; the public calls, in gateway/contract.py."""

from aiohttp import web

from services.threads import handlers, internal
from shared.contract.internal import get, post
from shared.wire import link, log_calls
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
    post("/internal/append", internal.append, link.AppendBatch, {200: log_calls.AppendedItems}),
    post("/internal/reads", internal.mark_read, link.ReadBatch, {200: link.ReadDone}),
    post("/internal/heads", internal.heads, log_calls.HeadsOf, {200: log_calls.HeadsAnswer}),
    post("/internal/resolve", internal.resolve, log_calls.Resolve, {200: log_calls.ResolvedThreads}),
    post(
        "/internal/deliveries",
        internal.deliveries,
        log_calls.DeliveriesAfter,
        {200: log_calls.Deliveries},
        NotFound,
    ),
    post("/internal/log", internal.log, log_calls.LogAfter, {200: log_calls.LogPage}),
    post("/internal/text", internal.text, log_calls.TextOf, {200: log_calls.CurrentText}, NotFound),
    post("/internal/standing", internal.standing, log_calls.StandingOf, {200: log_calls.Standings}),
]
