"""Calls that the gateway forwards for users: parse, call, serialize."""

from aiohttp import web

from services.threads import rules
from services.threads.keys import APPENDER, HISTORY, INBOX, MEMBER_STATES, READS, SEARCH
from shared.plumbing.http.web import calling_user, json_response, read_json, read_query
from shared.wire.http import (
    ChangeState,
    DoToThread,
    EventsQuery,
    MarkDelivered,
    MarkRead,
    MessagesQuery,
    SearchQuery,
    SendMessage,
    ThreadsQuery,
)
from shared.wire.ids import MAX_SEQ, fold
from shared.wire.link import NOT_SAID, ReadMark
from shared.wire.problems import FieldError, Invalid, Problem


async def threads(request: web.Request) -> web.Response:
    """GET /api/threads: 200 Threads; 422."""
    query = read_query(request, ThreadsQuery)
    return json_response(await request.app[INBOX].page(calling_user(request), query))


async def search(request: web.Request) -> web.Response:
    """GET /api/search: 200 Found; 404 unknown or own name in `with`, 422."""
    query = read_query(request, SearchQuery)
    return json_response(await request.app[SEARCH].page(calling_user(request), query))


async def messages(request: web.Request) -> web.Response:
    """GET /api/threads/{username}/messages: 200 Messages; 404, 422."""
    query = read_query(request, MessagesQuery)
    return json_response(await request.app[HISTORY].messages(calling_user(request), _peer(request), query))


async def events(request: web.Request) -> web.Response:
    """GET /api/threads/{username}/events: 200 Events; 404, 422."""
    query = read_query(request, EventsQuery)
    return json_response(await request.app[HISTORY].events(calling_user(request), _peer(request), query))


async def send(request: web.Request) -> web.Response:
    """POST /api/threads/{username}/messages: 201 the message, 200 the same one again; 404, 409, 422."""
    user, peer = calling_user(request), _peer(request)
    command = await read_json(request, SendMessage)
    try:
        message, created = await request.app[APPENDER].one(user, peer, command)
    except Problem as problem:
        raise rules.in_path(problem) from None
    return json_response(message, status=201 if created else 200)


async def change(request: web.Request) -> web.Response:
    """POST /api/threads/{username}/events: 201 the event, 200 the same one again; 403, 404, 409, 410, 422."""
    user, peer = calling_user(request), _peer(request)
    command = await read_json(request, DoToThread)
    try:
        event, created = await request.app[APPENDER].change(user, peer, command)
    except Problem as problem:
        raise rules.in_path(problem) from None
    return json_response(event, status=201 if created else 200)


async def texts(request: web.Request) -> web.Response:
    """GET /api/threads/{username}/messages/{seq}/history: 200 MessageHistory; 404, 410, 422."""
    user, peer, seq = calling_user(request), _peer(request), request.match_info["seq"]
    if not (seq.isascii() and seq.isdecimal() and len(seq) < 20 and 0 < int(seq) <= MAX_SEQ):
        raise Invalid([FieldError("{seq}", "is not the seq of a message")])
    return json_response(await request.app[HISTORY].texts(user, peer, int(seq)))


async def mark_read(request: web.Request) -> web.Response:
    """PUT /api/threads/{username}/read: 204; 404, 422."""
    user, peer = calling_user(request), _peer(request)
    command = await read_json(request, MarkRead)
    await request.app[HISTORY].members(user, peer)
    await request.app[READS].mark("", [ReadMark(user.id, user.username, peer, command.seq)])
    return web.Response(status=204)


async def mark_delivered(request: web.Request) -> web.Response:
    """PUT /api/threads/{username}/delivered: 204; 404, 422."""
    user, peer = calling_user(request), _peer(request)
    command = await read_json(request, MarkDelivered)
    await request.app[HISTORY].members(user, peer)
    await request.app[READS].mark("", [ReadMark(user.id, user.username, peer, NOT_SAID, command.seq)])
    return web.Response(status=204)


async def state(request: web.Request) -> web.Response:
    """GET /api/threads/{username}/state: 200 MemberState; 404."""
    return json_response(await request.app[MEMBER_STATES].of(calling_user(request), _peer(request)))


async def change_state(request: web.Request) -> web.Response:
    """PATCH /api/threads/{username}/state: 200 MemberState; 403, 404, 409, 422."""
    user, peer = calling_user(request), _peer(request)
    asked = await read_json(request, ChangeState)
    return json_response(await request.app[MEMBER_STATES].change(user, peer, asked))


def _peer(request: web.Request) -> str:
    return fold(request.match_info["username"])
