"""Sends spans to the collector, in a thread of its own: whoever ends a span waits for nothing.

Imported only where traces are taken; the packages are the extra `tracing`.
"""

import atexit
import logging
import socket
import threading
from collections import deque
from collections.abc import Sequence

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from shared.plumbing.telemetry.traces import LOST, Place, Span
from shared.version import VERSION

MAX_WAITING = 8192
"""Spans; what comes beyond is counted and gone. A span takes about 1 KiB."""

_PATH = "/v1/traces"
_SENT_AT_ONCE = 512
_LAST_WORDS_S = 2.0
_TAKEN = TraceFlags(TraceFlags.SAMPLED)
_SCOPE = InstrumentationScope("duet", VERSION)
log = structlog.get_logger()


class SpanExport:
    """program: as `service.name` has it, after "duet-". node: which of several. endpoint: of the collector.

    every_s: how long spans wait for others at most.
    """

    def __init__(self, program: str, node: str, endpoint: str, every_s: float = 1.0) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # a line for each try; we say it once
        self._resource = Resource.create(
            {
                "service.name": f"duet-{program}",
                "service.instance.id": f"{socket.gethostname()}/{node}",
                "service.version": VERSION,
            }
        )
        # Headers, certificates, compression and timeout it reads from OTEL_EXPORTER_OTLP_… itself.
        self._exporter = OTLPSpanExporter(endpoint.removesuffix("/") + _PATH)
        self._every_s = every_s
        self._waiting: deque[Span] = deque()
        self._ending = threading.Event()
        self._away = False
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def take(self, span: Span) -> None:
        """It goes with the next ones."""
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(span)
        else:
            LOST.inc()

    def close(self) -> None:
        """Sends what waits, unless that takes too long."""
        self._ending.set()
        self._thread.join(_LAST_WORDS_S)
        atexit.unregister(self.close)

    def _run(self) -> None:
        while not self._ending.wait(self._every_s):
            self._send_all()
        self._send_all()

    def _send_all(self) -> None:
        while self._waiting:
            spans = [self._waiting.popleft() for _ in range(min(_SENT_AT_ONCE, len(self._waiting)))]
            if self._send([self._readable(span) for span in spans]):
                self._away = False
                continue
            LOST.inc(len(spans))
            if not self._away:
                self._away = True
                log.warning("the collector takes no traces")

    def _send(self, spans: Sequence[ReadableSpan]) -> bool:
        try:
            return self._exporter.export(spans) is SpanExportResult.SUCCESS
        except Exception:  # whatever it is: the next ones are tried
            return False

    def _readable(self, span: Span) -> ReadableSpan:
        """What the library's own tracer would have made; ours costs a tenth where it counts."""
        above = Place(span.place.trace, span.above)
        return ReadableSpan(
            span.name,
            _context(span.place),
            _context(above) if span.above else None,
            self._resource,
            {**span.attributes, **({"error.type": span.error} if span.error else {})},
            links=[Link(_context(place)) for place in span.links],
            kind=SpanKind[span.kind.upper()],
            status=Status(StatusCode.ERROR if span.error else StatusCode.UNSET),
            start_time=span.started,
            end_time=span.ended,
            instrumentation_scope=_SCOPE,
        )


def _context(place: Place) -> SpanContext:
    return SpanContext(place.trace, place.span, is_remote=False, trace_flags=_TAKEN)
