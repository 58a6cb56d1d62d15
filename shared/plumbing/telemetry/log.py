"""Structured logs on stderr, one JSON object a line, never with a message's text."""

import contextlib
import logging
import sys
from contextvars import ContextVar
from typing import TextIO, cast

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.plumbing.telemetry import traces

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being served here. (Set on every request: structlog's own context costs 10 us each time.)"""


def configure(program: str, level: str) -> None:
    """Route structlog and the standard library's logging to stderr as JSON lines."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            _saying_where(program),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without locals: they hold passwords and the texts of messages.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Steady(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_Forward()]
    root.setLevel(max(number, logging.WARNING))


def _saying_where(program: str) -> Processor:
    def add(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        event.setdefault("program", program)
        if request_id := REQUEST_ID.get():
            event.setdefault("request_id", request_id)
        if traces.tracer is not None and (span := traces.current()) is not None:
            event.setdefault("trace_id", f"{span.place.trace:032x}")
        return event

    return add


class _Steady:
    """A stream that drops what cannot be written (the disk is full) instead of failing the code that logs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


class _Forward(logging.Handler):
    """Standard-library records (aiohttp, asyncio) in the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None
        )
