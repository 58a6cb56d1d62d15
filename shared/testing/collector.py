"""An OpenTelemetry collector that keeps what it gets: real OTLP over HTTP, decoded by OpenTelemetry's own types."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from aiohttp import web

from shared.testing.product import free_port

_WITHIN_S = 20.0
_Spans = list["Collected"]


class Collected(msgspec.Struct):
    """A span as it came. parent: the id of another one, or b"". links: the ids of others."""

    program: str
    name: str
    kind: int
    trace: bytes
    id: bytes
    parent: bytes
    links: list[bytes]
    attributes: dict[str, str | int]
    error: bool
    started: int
    ended: int


class Collector:
    """url: for OTEL_EXPORTER_OTLP_ENDPOINT. spans: in the order in which they came."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.spans: _Spans = []
        self._news = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        # Here, since only those who collect need the package.
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        sent = ExportTraceServiceRequest.FromString(await request.read())
        for of_one in sent.resource_spans:
            about = _values(of_one.resource.attributes)
            for scope in of_one.scope_spans:
                self.spans += [_collected(str(about["service.name"]), span) for span in scope.spans]
        self._news.set()
        return web.Response()

    async def until(self, enough: Callable[[_Spans], bool]) -> _Spans:
        """All that came, once that is enough."""
        try:
            async with asyncio.timeout(_WITHIN_S):
                while not enough(self.spans):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(
                f"not enough: {[(span.program, span.name) for span in self.spans]}"
            ) from None
        return self.spans


def _collected(program: str, span: Any) -> Collected:
    return Collected(
        program,
        span.name,
        span.kind,
        span.trace_id,
        span.span_id,
        span.parent_span_id,
        [link.span_id for link in span.links],
        _values(span.attributes),
        span.status.code == 2,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
    )


def _values(attributes: Any) -> dict[str, str | int]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


@contextlib.asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """One that listens until the end of the block."""
    port = free_port()
    collecting = Collector(port)
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.add_routes([web.post("/v1/traces", collecting.take)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield collecting
    finally:
        await runner.cleanup()
