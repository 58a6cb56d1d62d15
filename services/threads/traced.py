"""The spans of the appends under way. What is stored together belongs to several traces."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from services.threads.group_commit import Key
from services.threads.queries.appends import Row
from shared.plumbing.telemetry import traces
from shared.plumbing.telemetry.traces import Span
from shared.wire.link import AppendResult


class TracedRows(dict[Key, Span]):
    """Empty, and so False, where no traces are taken."""

    @contextlib.contextmanager
    def storing(self, spans: Mapping[Key, Span]) -> Iterator[None]:
        """Rows with these keys are parts of these until the end of the block."""
        self.update(spans)
        try:
            yield
        finally:
            for key in spans:
                self.pop(key, None)

    @contextlib.contextmanager
    def committing(self, rows: Sequence[Row]) -> Iterator[None]:
        """One transaction: a span in each trace; what is done in the block is a part of the first, which links to the
        others."""
        keys = ((row.pair, row.sender, row.client_id) for row in rows)
        spans = [span.child("commit") for key in keys if (span := self.get(key))]
        traces.link(spans)
        with contextlib.ExitStack() as stack:
            for span in spans[1:]:
                stack.enter_context(traces.timed(span))
            stack.enter_context(traces.doing(spans[0] if spans else None))
            yield


def of_new(results: Sequence[AppendResult | None], spans: Mapping[int, Span]) -> dict[int, Span]:
    """By the places that the new events have among the new ones. spans: by the places of the results."""
    new = [place for place, result in enumerate(results) if result is not None and result.created]
    return {at: spans[place] for at, place in enumerate(new) if place in spans}
