"""Where the traces of calls begin: at the gateway, and nowhere outside of it."""

from gateway.tests.conftest import Gateway
from gateway.tests.fakes import RecordingService, Somebody
from shared.plumbing.telemetry.traces import Place, Span

FORGED = Place(7, 7).traceparent


async def test_a_call_begins_a_trace_that_its_service_goes_on_with_whatever_the_browser_says(
    taken: list[Span], gateway: Gateway, threads: RecordingService, ann: Somebody
) -> None:
    headers = {**gateway.cookie(ann), "traceparent": FORGED, "tracestate": "a=b"}
    answer = await gateway.call("GET", "/api/threads/bob/messages?before=9", headers=headers)
    [received], [span] = threads.received, taken
    assert received.headers["traceparent"] == [span.place.traceparent]
    assert "tracestate" not in received.headers
    assert span.place.trace != 7
    assert span.name == "GET /api/threads/{username}/messages"
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/api/threads/{username}/messages",
        "http.response.status_code": 200,
    }
    assert answer.headers.keys().isdisjoint({"traceparent", "tracestate"})


async def test_probes_and_files_have_no_trace(taken: list[Span], gateway: Gateway) -> None:
    await gateway.call("GET", "/health/live")
    await gateway.call("GET", "/static/nothing")
    assert taken == []
    await gateway.call("GET", "/nowhere/ann")
    assert [span.name for span in taken] == ["GET unknown"]
