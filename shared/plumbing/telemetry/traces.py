"""Traces: what one message, or one call, waited for in each program, for whoever collects OpenTelemetry's spans.

Off, `tracer` is None, and nothing else here is asked. On, a span is a few numbers until a thread of its own sends it
(trace_export.py). A trace begins where something comes in from outside, and only there it is decided whether it is
taken; what is not taken is nowhere heard of again. No span has anything of anybody in it: no name, id or text.
"""

import contextlib
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from types import MappingProxyType
from typing import Literal, NamedTuple

from prometheus_client import Counter

from shared.wire.problems import Problem

Kind = Literal["internal", "server", "client", "producer", "consumer"]
HEADER = "traceparent"
LOST = Counter(
    "duet_trace_spans_lost", "Spans that no collector got: too many waited, or it did not take them"
)

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f][13579bdf]")
_CURRENT: "ContextVar[Span | None]" = ContextVar("span", default=None)


class Place(NamedTuple):
    """Where a span is: in which trace, and which one it is. A span of another program is known by this alone."""

    trace: int
    span: int

    @property
    def traceparent(self) -> str:
        """As W3C's Trace Context has it, of one that is taken."""
        return f"00-{self.trace:032x}-{self.span:016x}-01"


class Span:
    """A piece of work. started, ended: ns since the epoch; 0: it is under way. above: the id of its parent, or 0.

    attributes: words and numbers, never of a person. error: what went wrong, as the code of a problem; or "".
    """

    __slots__ = ("above", "attributes", "ended", "error", "kind", "links", "name", "place", "started")

    def __init__(self, name: str, kind: Kind, place: Place, above: int, started: int = 0) -> None:
        self.name = name
        self.kind = kind
        self.place = place
        self.above = above
        self.started = started or time.time_ns()
        self.ended = 0
        self.error = ""
        self.attributes: dict[str, str | int] = {}
        self.links: list[Place] = []

    def child(self, name: str, kind: Kind = "internal", started: int = 0) -> "Span":
        """A part of this work. started: 0 for now."""
        return _below(self.place, name, kind, started)

    def end(self, error: str = "", **attributes: str | int) -> None:
        """It is done, and goes to the collector. attributes: called duet.… there."""
        self.ended = time.time_ns()
        self.error = self.error or error
        for name, value in attributes.items():
            self.attributes[f"duet.{name}"] = value
        if tracer is not None:
            tracer.take(self)


NO_SPANS: Mapping[int, Span] = MappingProxyType({})
NO_TRACES: Mapping[int, str] = MappingProxyType({})


class Tracer:
    """ratio: of all that comes in, how much is taken. take: gets each span that ended; must not wait."""

    def __init__(self, ratio: float, take: Callable[[Span], None]) -> None:
        self.take = take
        self._below = round(ratio * 2**64)

    def root(self, name: str, kind: Kind = "server") -> Span | None:
        """A new trace, by the rule of OpenTelemetry's `traceidratio`; None: it is not taken."""
        low = random.getrandbits(64)
        if low >= self._below:
            return None
        trace = random.getrandbits(64) << 64 | low
        return Span(name, kind, Place(trace or 1, _id()), 0)


tracer: Tracer | None = None
"""None: no traces are taken here, which is all that anybody asks."""


def current() -> Span | None:
    """The work that this task is a part of. One that is over has no more parts: a task may outlive who started it."""
    span = _CURRENT.get()
    return None if span is None or span.ended else span


@contextlib.contextmanager
def timed(span: Span | None) -> Iterator[Span | None]:
    """It ends with the block. None: nothing is traced here."""
    try:
        yield span
    except BaseException as error:
        if span is not None:
            span.end(_code(error))
        raise
    if span is not None:
        span.end()


@contextlib.contextmanager
def doing(span: Span | None) -> Iterator[Span | None]:
    """As `timed`, and what is done in the block is a part of this. None: of nothing that is traced."""
    token = _CURRENT.set(span)
    try:
        with timed(span):
            yield span
    finally:
        _CURRENT.reset(token)


def continued(name: str, kind: Kind, traceparent: str) -> Span | None:
    """A part of what another program does. None: that says nothing, or no traces are taken here."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if tracer is None or found is None:
        return None
    return _below(Place(int(found[1], 16), int(found[2], 16)), name, kind)


@contextlib.contextmanager
def each_continued(name: str, traceparents: Mapping[int, str]) -> Iterator[dict[int, Span]]:
    """As `continued`, for some of the items of a batch, by their places in it."""
    begun = {
        place: span
        for place, traceparent in traceparents.items()
        if (span := continued(name, "server", traceparent))
    }
    error = "cancelled"
    try:
        yield begun
        error = ""
    except Exception as failure:
        error = _code(failure)
        raise
    finally:
        for span in begun.values():
            span.end(error)


def of_call(items: int) -> Mapping[int, Span]:
    """Of a batch that came with a call of its own, each item is a part of that."""
    span = current()
    return NO_SPANS if span is None else dict.fromkeys(range(items), span)


def link(spans: Sequence[Span]) -> None:
    """What is done once for several traces: the first holds it, and each names the others."""
    for other in spans[1:]:
        spans[0].links.append(other.place)
        other.links.append(spans[0].place)


def _below(above: Place, name: str, kind: Kind, started: int = 0) -> Span:
    return Span(name, kind, Place(above.trace, _id()), above.span, started)


def _id() -> int:
    return random.getrandbits(64) or 1


def _code(error: BaseException) -> str:
    """Never the error's text, which may quote somebody."""
    return error.kind.code if isinstance(error, Problem) else type(error).__name__
