"""The calls that a program answers, as parts of the traces of who calls. Only where traces are taken."""

from aiohttp import web
from aiohttp.typedefs import Handler

from shared.plumbing.telemetry import traces
from shared.plumbing.telemetry.traces import Span

_FAILED = 500


@web.middleware
async def trace(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A span for each call whose caller is traced."""
    span = traces.continued(request.method, "server", request.headers.get(traces.HEADER, ""))
    if span is None:
        return await handler(request)
    with traces.doing(span):
        resource = request.match_info.route.resource
        name_call(span, request.method, resource.canonical if resource else "unknown")
        response = await handler(request)
        answered(span, response.status)
        return response


def name_call(span: Span, method: str, route: str) -> None:
    """route: its pattern or a word, never a path, which may hold a name."""
    span.name = f"{method} {route}"
    span.attributes |= {"http.request.method": method, "http.route": route}


def answered(span: Span, status: int) -> None:
    """What came of the call."""
    span.attributes["http.response.status_code"] = status
    if status >= _FAILED:
        span.error = str(status)
