"""Prometheus metrics that every program has; served on the private side only."""

import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import Histogram
from prometheus_client.aiohttp import make_aiohttp_handler

from shared.plumbing.web import open_to_all

REQUESTS = Histogram(
    "duet_http_request_seconds",
    "Time from a request's headers to its answer",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Observes every request under its route's pattern, so that names of people never become labels."""
    started = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "unknown"
        observe(request.method, route, status, time.perf_counter() - started)


_observers: dict[tuple[str, str, int], Callable[[float], None]] = {}


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """route: its pattern or a word, never a path."""
    key = method, route, status
    found = _observers.get(key)
    if found is None:
        found = _observers[key] = REQUESTS.labels(method, route, str(status)).observe
    found(seconds)


expose = open_to_all(make_aiohttp_handler())
