"""Calls by users, through the gateway: parse, call, serialize."""

from uuid import UUID

from aiohttp import web

from services.auth import names, user_list
from services.auth.keys import ACCOUNTS, DATABASE, DIRECTORY, INVITATIONS
from services.auth.queries import sessions, settings, users
from shared.plumbing.http.web import calling_user, json_response, read_json, read_query
from shared.wire.http import ChangeProfile, ChangeSettings, Me, Sessions, UsersQuery
from shared.wire.invites import Invites
from shared.wire.problems import NotFound, Unauthenticated


async def who_am_i(request: web.Request) -> web.Response:
    """GET /api/session: 200 Me; 401 when the session has just ended."""
    user = calling_user(request)
    async with request.app[DATABASE].connection() as conn:
        info = await sessions.info(conn, user.session)
    if info is None:
        raise Unauthenticated
    return json_response(Me(info.username, info.display_name))


async def log_out(request: web.Request) -> web.Response:
    """DELETE /api/session: 204."""
    user = calling_user(request)
    async with request.app[DATABASE].connection() as conn:
        await sessions.end(conn, user.id, user.session)
    return web.Response(status=204)


async def list_sessions(request: web.Request) -> web.Response:
    """GET /api/sessions: 200 Sessions."""
    user = calling_user(request)
    async with request.app[DATABASE].connection() as conn:
        return json_response(Sessions(await sessions.live(conn, user.id, user.session)))


async def end_session(request: web.Request) -> web.Response:
    """DELETE /api/sessions/{id}: 204; 404 when it is not a live session of the caller's."""
    user = calling_user(request)
    session = _uuid(request.match_info["id"])
    async with request.app[DATABASE].connection() as conn:
        if not await sessions.end(conn, user.id, session):
            raise NotFound
    return web.Response(status=204)


async def end_other_sessions(request: web.Request) -> web.Response:
    """DELETE /api/sessions: 204."""
    user = calling_user(request)
    async with request.app[DATABASE].connection() as conn:
        await sessions.end_others(conn, user.id, user.session)
    return web.Response(status=204)


async def change_profile(request: web.Request) -> web.Response:
    """PUT /api/profile: 200 Me; 422, 429."""
    user, wanted = calling_user(request), await read_json(request, ChangeProfile)
    shown = names.shown_name(wanted.display_name)
    await request.app[ACCOUNTS].throttle.rename(user.id)
    async with request.app[DATABASE].connection() as conn:
        username = await users.rename(conn, user.id, shown, names.search_form(shown))
    if username is None:
        raise Unauthenticated
    return json_response(Me(username, shown))


async def my_settings(request: web.Request) -> web.Response:
    """GET /api/settings: 200 Settings."""
    return await _settings(request)


async def change_settings(request: web.Request) -> web.Response:
    """PATCH /api/settings: 200 Settings, all of them; 422."""
    wanted = await read_json(request, ChangeSettings)
    async with request.app[DATABASE].transaction() as conn:
        await settings.change(conn, calling_user(request).id, wanted)
    return await _settings(request)


async def list_users(request: web.Request) -> web.Response:
    """GET /api/users: 200 Users; 422."""
    user = calling_user(request)
    asked = read_query(request, UsersQuery)
    return json_response(await user_list.page(request.app[DATABASE], request.app[DIRECTORY], user.id, asked))


async def list_invites(request: web.Request) -> web.Response:
    """GET /api/invites: 200 Invites."""
    found = await request.app[INVITATIONS].open_of(calling_user(request).id)
    return json_response(Invites(found))


async def take_back_invite(request: web.Request) -> web.Response:
    """DELETE /api/invites/{id}: 204; 404 when it is not an open one of the caller's."""
    await request.app[INVITATIONS].take_back(calling_user(request).id, _uuid(request.match_info["id"]))
    return web.Response(status=204)


async def _settings(request: web.Request) -> web.Response:
    async with request.app[DATABASE].connection() as conn:
        found = await settings.of(conn, calling_user(request).id)
    if found is None:
        raise Unauthenticated
    return json_response(found)


def _uuid(text: str) -> UUID:
    """Raises NotFound: something that is not an id cannot be the caller's."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
