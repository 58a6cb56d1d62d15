"""Prometheus metrics that every program has; served on the private side only."""

import platform
import time

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import Gauge
from prometheus_client.aiohttp import make_aiohttp_handler

from shared.plumbing.http.web import open_to_all
from shared.plumbing.telemetry.tally import Tally
from shared.version import VERSION

REQUESTS = Tally(
    "duet_http_request_seconds",
    "Time from a request's headers to its answer",
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    ["method", "route", "status"],
)
BUILD = Gauge("duet_build_info", "1, with the version that runs here", ["version", "python"])
BUILD.labels(VERSION, platform.python_version()).set(1)


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


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """route: its pattern or a word, never a path."""
    REQUESTS.series(method, route, str(status)).observe(seconds)


expose = open_to_all(make_aiohttp_handler())
