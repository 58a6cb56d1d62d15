"""Signing up, logging in and out, changing the password: the calls that set or delete the cookie."""

from typing import Any

from aiohttp import web
from aiohttp_session import get_session, new_session

from gateway.admission import admit_anyone, admit_login
from gateway.contract import BY_NAME
from gateway.forward import forward, read_as
from gateway.keys import ADDRESS, AUTH, SITE
from gateway.sessions import SESSIONS, put_login
from shared.plumbing.http.web import json_response
from shared.wire.accounts import Credentials, LoggedIn, NewAccount, PasswordChange
from shared.wire.http import ChangePassword, LogIn, Me, SignUp

_DEVICE_LIFETIME_S = 2 * 365 * 24 * 3600
_MAX_USER_AGENT = 256
_MAX_TOKEN_LENGTH = 128


async def sign_up(request: web.Request) -> web.Response:
    """POST /api/accounts: 201 and the cookie; 404, 408, 409, 410, 422, 429."""
    admit_anyone(request)
    body = await read_as(request, SignUp)
    account = NewAccount(
        body.username, body.password, body.display_name, **_circumstances(request), invite=body.invite
    )
    logged_in = await request.app[AUTH].call("POST", "/internal/accounts", account, of=LoggedIn)
    return await _logged_in(request, logged_in, _me(logged_in, status=201))


async def log_in(request: web.Request) -> web.Response:
    """POST /api/session: 200 and the cookie of a new session; 401, 408, 422, 429."""
    admit_anyone(request)
    body = await read_as(request, LogIn)
    credentials = Credentials(body.username, body.password, **_circumstances(request))
    logged_in = await request.app[AUTH].call("POST", "/internal/login", credentials, of=LoggedIn)
    return await _logged_in(request, logged_in, _me(logged_in, status=200))


async def who_am_i(request: web.Request) -> web.Response:
    """GET /api/session: 200; 401."""
    login = await admit_login(request)
    return json_response(Me(login.info.username, login.info.display_name))


async def log_out(request: web.Request) -> web.Response:
    """DELETE /api/session: 204, and the cookie is deleted; 401."""
    response = await forward(request, BY_NAME["logOut"])
    if response.status == 204:
        (await get_session(request)).invalidate()
    return response


async def change_password(request: web.Request) -> web.Response:
    """PUT /api/password: 204 and the cookie of a new session; 401, 403, 408, 422, 429."""
    login = await admit_login(request)
    body = await read_as(request, ChangePassword)
    device = _token(request, request.app[SITE].device_cookie)
    change = PasswordChange(login.info, body.current, body.new, request[ADDRESS], device)
    try:
        logged_in = await request.app[AUTH].call("POST", "/internal/password", change, of=LoggedIn)
    finally:
        request.app[SESSIONS].drop_user(login.info.user)
    return await _logged_in(request, logged_in, web.Response(status=204))


def _circumstances(request: web.Request) -> dict[str, Any]:
    site = request.app[SITE]
    user_agent = request.headers.get("User-Agent", "")[:_MAX_USER_AGENT]
    return {
        "address": request[ADDRESS],
        "user_agent": user_agent.encode(errors="replace").decode(),  # bytes that are not UTF-8 become "?"
        "presented": _token(request, site.session_cookie),
        "device": _token(request, site.device_cookie),
    }


def _token(request: web.Request, cookie: str) -> str | None:
    token = request.cookies.get(cookie)
    return token if token and len(token) <= _MAX_TOKEN_LENGTH and token.isascii() else None


async def _logged_in(request: web.Request, logged_in: LoggedIn, response: web.Response) -> web.Response:
    """The response with the cookies of a new session."""
    site = request.app[SITE]
    if presented := _token(request, site.session_cookie):
        request.app[SESSIONS].drop_token(presented)
    put_login(await new_session(request), logged_in.token, logged_in.info)
    response.set_cookie(
        site.device_cookie,
        logged_in.device,
        max_age=_DEVICE_LIFETIME_S,
        path="/",
        secure=site.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def _me(logged_in: LoggedIn, *, status: int) -> web.Response:
    info = logged_in.info
    return json_response(Me(info.username, info.display_name), status=status)
