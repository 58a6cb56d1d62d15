"""Every route of the media service. What programs call is declared here; the public calls, in gateway/contract.py."""

from aiohttp import web

from services.media import handlers, internal
from shared.contract.internal import post
from shared.wire.attachments import ClaimAttachments, Claimed

ROUTES = [
    web.post("/api/threads/{username}/attachments", handlers.upload),
    web.get("/api/attachments/{id}", handlers.whole),
    web.get("/api/attachments/{id}/small", handlers.small),
    post("/internal/claim", internal.claim, ClaimAttachments, {200: Claimed}),
]
