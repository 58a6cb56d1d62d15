"""One trace of a message, from the frame in which it comes to the socket of another node in which it goes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.relay.tests.cluster import Cluster
from shared.plumbing.telemetry import traces
from shared.testing.collector import Collected, Collector, collector
from shared.wire.ids import uuid7
from shared.wire.messages import MessageFrame

SAID = {
    "db.system.name", "duet.batch", "duet.kind", "duet.late", "duet.round", "duet.sockets", "error.type",
    "http.request.method", "http.response.status_code", "http.route",
}  # fmt: skip
"""All that spans may say."""

WAY = {
    "receive": "",
    "wait": "receive",
    "append client": "receive",
    "append server": "append client",
    "commit": "append server",
    "postgres": "commit",
    "hint": "append server",
    "hub": "receive",
    "deliver": "hub",
    "hub consumer": "hint",
    "deliver consumer": "hub consumer",
}
"""Each span's parent, of a message between two nodes."""

_SERVER, _CLIENT, _CONSUMER = 2, 3, 5


@asynccontextmanager
async def taking(ratio: float, url: str) -> AsyncIterator[None]:
    """Traces are taken within the block, and at its end all are sent."""
    from shared.plumbing.telemetry.trace_export import SpanExport

    export = SpanExport("test", "here", url, every_s=0.05)
    traces.tracer = traces.Tracer(ratio, export.take)
    try:
        yield
    finally:
        traces.tracer = None
        await asyncio.to_thread(export.close)  # the collector is here, too


@pytest.fixture
async def collecting() -> AsyncIterator[Collector]:
    async with collector() as opened, taking(1.0, opened.url):
        yield opened


def way_of(spans: list[Collected]) -> dict[str, str]:
    """Each span's name, and its parent's, as in WAY."""
    named = {span.id: _named(span, spans) for span in spans}
    assert len(named) == len(spans) == len(set(named.values()))
    return {named[span.id]: named[span.parent] if span.parent else "" for span in spans}


def _named(span: Collected, spans: list[Collected]) -> str:
    if span.name == "append":
        return f"append {'client' if span.kind == _CLIENT else 'server'}"
    above = next((one for one in spans if one.id == span.parent), span)
    return f"{span.name} consumer" if _CONSUMER in (span.kind, above.kind) else span.name


def of_traces(spans: list[Collected]) -> list[list[Collected]]:
    ids = dict.fromkeys(span.trace for span in spans)
    return [[span for span in spans if span.trace == id] for id in ids]


async def test_a_message_is_one_trace_from_its_frame_to_the_socket_of_another_node(
    collecting: Collector, cluster: Cluster
) -> None:
    """With two in one batch, one transaction is a part of two traces. What is not to be taken is not."""
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    tracer, traces.tracer = traces.tracer, None
    await ann.send("bob", "first")  # which makes the thread, in transactions of its own
    await bob.receive(MessageFrame)
    traces.tracer = tracer
    [first] = await ann.send("bob", "quite-secret")
    await bob.receive(MessageFrame)
    spans = list(await collecting.until(lambda spans: len(spans) >= len(WAY)))
    assert way_of(spans) == WAY
    assert len({span.trace for span in spans}) == 1
    assert not any(span.error for span in spans)
    [receive] = [span for span in spans if span.name == "receive"]
    assert receive.kind == _SERVER
    assert all(receive.started <= span.started <= span.ended for span in spans)
    _say_nothing_of_anybody(cluster, spans, first)

    collecting.spans.clear()
    together = [
        {"type": "send", "to": "bob", "client_id": str(uuid7()), "text": text} for text in ("one", "two")
    ]
    await asyncio.gather(*map(ann.say, together))
    await bob.receive(MessageFrame, count=2)
    spans = await collecting.until(lambda spans: len(spans) >= 2 * len(WAY) - 1)
    one, other = sorted(of_traces(spans), key=len, reverse=True)
    assert way_of(one) == WAY
    assert way_of(other) == {name: above for name, above in WAY.items() if name != "postgres"}
    [commit], [its] = ([span for span in trace if span.name == "commit"] for trace in (one, other))
    assert (commit.links, its.links) == ([its.id], [commit.id])

    collecting.spans.clear()
    async with taking(0.0, collecting.url):
        await ann.send("bob", "three")
        await bob.receive(MessageFrame)
    assert collecting.spans == []


def _say_nothing_of_anybody(cluster: Cluster, spans: list[Collected], client_id: str) -> None:
    assert {name for span in spans for name in span.attributes} <= SAID
    said = json.dumps([[span.name, span.attributes] for span in spans])
    people = cluster.people.values()
    unsaid = ["ann", "bob", "secret", client_id, *(str(info.session) for info in people)]
    assert not [word for word in unsaid if word in said]
    numbers = {value for span in spans for value in span.attributes.values() if isinstance(value, int)}
    assert numbers <= {1}
