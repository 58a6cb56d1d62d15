"""What handlers use: the caller, typed bodies in, typed JSON out, and one place where errors become problems."""

from collections.abc import Callable, Sized
from typing import Any, TypeVar

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from shared.plumbing.http.head import bearer
from shared.plumbing.identity import BadToken, Caller, User, Verifier
from shared.wire import codec
from shared.wire.http import MAX_BODY_BYTES
from shared.wire.problems import (
    FieldError,
    Forbidden,
    Internal,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)

T = TypeVar("T")
CALLER = web.RequestKey("caller", Caller)
VERIFIER = web.AppKey("verifier", Verifier)
_ALLOWED = "__duet_callers__"
log = structlog.get_logger()


def allow(*programs: str) -> Callable[[Handler], Handler]:
    """Marks a handler as one for these programs themselves. Unmarked ones are for users, through the gateway.

    A token that names a user is not good here: whoever gets hold of one has what that user may do, and no more.
    """

    def mark(handler: Handler) -> Handler:
        setattr(handler, _ALLOWED, programs)
        return handler

    return mark


def open_to_all(handler: Handler) -> Handler:
    """Marks a handler that asks for no identity: health and metrics."""
    setattr(handler, _ALLOWED, ("*",))
    return handler


def callers_of(handler: Handler) -> tuple[str, ...] | None:
    """The programs that it is marked for, or `*`; None: it is for users."""
    callers: tuple[str, ...] | None = getattr(handler, _ALLOWED, None)
    return callers


@web.middleware
async def check_identity(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses every call whose token does not fit the route. Nothing is open unless it is marked."""
    if request.match_info.http_exception is not None:
        return await handler(request)
    allowed = callers_of(request.match_info.handler)
    if allowed is not None and "*" in allowed:
        return await handler(request)
    token = bearer(request.headers)
    if not token:
        raise BadToken
    caller = request.app[VERIFIER].caller(token)
    if allowed is None:
        if caller.user is None:
            raise BadToken("The token names no user")
    elif caller.user is not None:
        raise Forbidden("This is for programs, not for users")
    elif caller.program not in allowed:
        raise Forbidden(f"{caller.program} may not call this")
    request[CALLER] = caller
    return await handler(request)


def calling_user(request: web.Request) -> User:
    """The user that the gateway vouches for."""
    user = request[CALLER].user
    if user is None:
        raise Unauthenticated
    return user


async def read_json(request: web.Request, of: type[T]) -> T:
    """The body as `of`. Raises UnsupportedMediaType, TooLarge, Malformed or Invalid."""
    if request.content_type != "application/json":
        raise UnsupportedMediaType("Send the body with Content-Type: application/json")
    return codec.decode(await request.read(), of)


def at_most(limit: int, given: Sized, pointer: str) -> None:
    """Raises Invalid for a list that is longer. pointer: to it."""
    if len(given) > limit:
        raise Invalid([FieldError(pointer, f"has more than {limit} items")])


def read_query(request: web.Request, of: type[T]) -> T:
    """The query string as `of`. Raises Invalid; Malformed for a name given twice."""
    query = request.query
    if len(set(query)) != len(query):
        raise Malformed("A query parameter is given twice")
    return codec.convert(dict(query), of)


def json_response(value: Any, *, status: int = 200) -> web.Response:
    """`value` as JSON."""
    return web.Response(body=codec.encode(value), status=status, content_type="application/json")


def problem_response(problem: Problem) -> web.Response:
    """`problem` as application/problem+json."""
    document = problem.document()
    return web.Response(
        body=codec.encode(document),
        status=document.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The one place where exceptions become answers."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return problem_response(as_problem(error, request.path))
    except Exception as error:
        return problem_response(as_problem(error, request.path))


def as_problem(error: Exception, path: str) -> Problem:
    """What the caller is told about `error`. Unforeseen ones are logged."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, web.HTTPException):
        return _from_http(error)
    if isinstance(error, TimeoutError | ConnectionError):
        log.warning("a part is away", path=path, error=repr(error))
        return Unavailable()
    log.error("unexpected", path=path, exc_info=error)
    return Internal()


def _from_http(error: web.HTTPException) -> Problem:
    if error.status == 404:
        return NotFound()
    if isinstance(error, web.HTTPMethodNotAllowed):
        return MethodNotAllowed(headers={"Allow": ", ".join(sorted(error.allowed_methods))})
    if error.status == 413:
        return TooLarge(f"At most {MAX_BODY_BYTES} bytes")
    return Malformed(error.reason)
