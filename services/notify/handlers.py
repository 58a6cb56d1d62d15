"""Calls that the gateway forwards for users: parse, call, serialize."""

from aiohttp import web

from services.notify.keys import DATABASE, ENDPOINTS, QUEUES, READER, VAPID
from services.notify.queries import subscriptions
from shared.plumbing.http.web import calling_user, json_response, read_json
from shared.wire.push import PushState, Subscribe


async def state(request: web.Request) -> web.Response:
    """GET /api/push: 200 PushState."""
    async with request.app[DATABASE].connection() as conn:
        hides = await subscriptions.hides_text(conn, calling_user(request).session)
    return json_response(PushState(request.app[VAPID].public_key, hides is not None, hides or False))


async def subscribe(request: web.Request) -> web.Response:
    """PUT /api/push: 204; 422."""
    user, asked = calling_user(request), await read_json(request, Subscribe)
    target = request.app[ENDPOINTS].target(asked)
    async with request.app[DATABASE].transaction() as conn:
        await subscriptions.put(conn, user.session, user.id, target, hide_text=asked.hide_text)
    request.app[QUEUES].wake(target.host)  # what waited for an earlier subscription waits there now
    request.app[READER].wake()
    return web.Response(status=204)


async def unsubscribe(request: web.Request) -> web.Response:
    """DELETE /api/push: 204."""
    async with request.app[DATABASE].connection() as conn:
        await subscriptions.end(conn, [calling_user(request).session])
    return web.Response(status=204)
