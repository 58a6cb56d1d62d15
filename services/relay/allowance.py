"""What the gateway asks about a person's allowance: parse, take, answer."""

from aiohttp import web

from services.relay.keys import NODE
from shared.plumbing.http.web import allow, read_json
from shared.plumbing.identity import GATEWAY
from shared.wire.allowance import TakeSend
from shared.wire.problems import RateLimited


@allow(GATEWAY)
async def take_send(request: web.Request) -> web.Response:
    """Count a message that somebody sends without a socket.

    204; 429 when their sockets may not send one either.
    """
    asked = await read_json(request, TakeSend)
    if wait_s := request.app[NODE].limits.sends(asked.user):
        raise RateLimited(wait_s)
    return web.Response(status=204)
