"""Calls by other programs: parse, call, serialize. Declared in routes.py, with these first lines as summaries."""

from aiohttp import web

from services.media.keys import CLAIMS
from shared.plumbing.http.web import allow, at_most, json_response, read_json
from shared.wire.attachments import MAX_ATTACHMENTS, ClaimAttachments, Claimed


@allow("threads")
async def claim(request: web.Request) -> web.Response:
    """Claim attachments for a message that is about to name them."""
    asked = await read_json(request, ClaimAttachments)
    at_most(MAX_ATTACHMENTS, asked.ids, "/attachments")
    return json_response(Claimed(await request.app[CLAIMS].claim(asked)))
