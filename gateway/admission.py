"""Who is calling, and whether they may call now."""

from aiohttp import web

from gateway.keys import ADDRESS, LIMITS
from gateway.limits import Limit
from gateway.sessions import Login, current_login
from shared.plumbing.limits.rate_limit_key import rate_limit_key
from shared.wire.problems import Unauthenticated


async def admit(request: web.Request, limit: Limit = "calls") -> Login | None:
    """The caller's login, if there is one. Counts the call against session and user, or else the address.

    Raises RateLimited.
    """
    login = await current_login(request)
    count(request.app, request, login, limit)
    return login


def count(
    app: web.Application, request: web.BaseRequest, login: Login | None, limit: Limit = "calls"
) -> None:
    """Counts a call of `login`, or of nobody. Raises RateLimited."""
    limits = app[LIMITS]
    if login is None:  # a wrong cookie too, so that nobody tries them without end
        limits.take("calls", rate_limit_key(request[ADDRESS]))
    elif limit in ("messages", "uploads"):
        limits.take(limit, login.info.user)
    else:
        limits.take(limit, login.info.session)
        limits.take("people", login.info.user)


async def admit_login(request: web.Request, limit: Limit = "calls") -> Login:
    """As `admit`, for what needs a session. Raises Unauthenticated, RateLimited."""
    login = await admit(request, limit)
    if login is None:
        raise Unauthenticated
    return login


def admit_anyone(request: web.Request, limit: Limit = "calls") -> None:
    """For calls without a log-in: counted against the address. Raises RateLimited."""
    request.app[LIMITS].take(limit, rate_limit_key(request[ADDRESS]))
