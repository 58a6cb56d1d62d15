"""Calls between programs as parts of one trace, and a collector that is away."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from shared.plumbing.app import build_app, listen
from shared.plumbing.http.rpc import peer
from shared.plumbing.http.web import allow, json_response
from shared.plumbing.identity import Signer, load
from shared.plumbing.settings.config import BaseConfig
from shared.plumbing.telemetry import traces
from shared.plumbing.telemetry.traces import Place, Span, Tracer
from shared.plumbing.transport.address import Address
from shared.testing.product import REPOSITORY, free_port
from shared.wire.problems import NotFound, Problem


@allow("relay")
async def look_up(request: web.Request) -> web.Response:
    with traces.doing(above.child("part") if (above := traces.current()) else None):
        if request.match_info["name"] == "nobody":
            raise NotFound
    return json_response({})


async def test_a_call_is_a_part_of_what_its_caller_does_and_is_named_by_its_route(
    taken: list[Span], tmp_path: Path
) -> None:
    config = BaseConfig(listen=f"unix:{tmp_path}/s", keys_dir=tmp_path)
    signer, _ = load("relay", tmp_path)
    runner = web.AppRunner(build_app("threads", config, [web.get("/people/{name}", look_up)]))
    await runner.setup()
    await listen(runner, Address.parse(config.listen))
    try:
        await _ask(signer, config.listen, taken)
    finally:
        await runner.cleanup()


async def _ask(signer: Signer, address: str, taken: list[Span]) -> None:
    async with peer("threads", address, signer) as threads:
        await threads.call("GET", "/people/ann", of=dict[str, str])
        assert taken == []  # whoever is not traced makes nobody begin
        root = Tracer(1.0, taken.append).root("receive")
        with traces.doing(root):
            await threads.call("GET", "/people/ann", of=dict[str, str])
            with pytest.raises(Problem):
                await threads.call("GET", "/people/nobody", of=dict[str, str])
        await threads.call("GET", "/people/ann", of=dict[str, str])
    part, call, failed, refused, whole = taken
    assert whole is root
    assert {span.place.trace for span in taken} == {whole.place.trace}
    assert (part.above, failed.above) == (call.place.span, refused.place.span)
    assert (call.above, refused.above, whole.above) == (whole.place.span, whole.place.span, 0)
    assert call.name == refused.name == "GET /people/{name}"
    assert call.attributes == {
        "http.request.method": "GET",
        "http.route": "/people/{name}",
        "http.response.status_code": 200,
    }
    assert (failed.error, refused.attributes["http.response.status_code"]) == ("not-found", 404)


async def test_what_outlives_its_caller_is_no_part_of_it(taken: list[Span]) -> None:
    over = asyncio.Event()

    async def later() -> Span | None:
        await over.wait()
        return traces.current()

    with traces.doing(Tracer(1.0, taken.append).root("receive")):
        task = asyncio.create_task(later())
    over.set()
    assert await task is None


@pytest.mark.parametrize(
    "said",
    ["", "00-x-y-01", f"00-{1:032x}-{2:016x}-00", f"01-{1:032x}-{2:016x}-01", f"00-{1:032x}-{2:016x}-01\n"],
)
def test_a_place_that_is_none_or_is_not_taken_is_passed_over(taken: list[Span], said: str) -> None:
    assert traces.continued("append", "server", said) is None
    assert traces.continued("append", "server", Place(1, 2).traceparent) is not None


def test_so_much_is_taken_as_is_asked_for(taken: list[Span]) -> None:
    tenth = Tracer(0.1, taken.append)
    assert 700 < sum(tenth.root("receive") is not None for _ in range(10_000)) < 1300
    assert all(Tracer(1.0, taken.append).root("receive") for _ in range(100))


def test_a_collector_that_is_away_holds_nobody_up_and_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.plumbing.telemetry import trace_export

    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.05")
    monkeypatch.setattr(trace_export, "MAX_WAITING", 3)
    monkeypatch.setattr(trace_export, "_SENT_AT_ONCE", 1)
    before = traces.LOST._value.get()
    with capture_logs() as logs:
        export = trace_export.SpanExport("relay", "relay-1", f"http://127.0.0.1:{free_port()}", every_s=60)
        for number in range(5):
            span = Span("receive", "server", Place(1, number + 1), 0)
            span.end()
            export.take(span)
        assert traces.LOST._value.get() == before + 2
        export.close()
    assert traces.LOST._value.get() == before + 5
    assert [line["event"] for line in logs] == ["the collector takes no traces"]


def test_without_a_collector_nothing_of_opentelemetry_is_loaded() -> None:
    programs = "services.relay.app, services.threads.app, services.auth.app, gateway.app"
    code = f"import sys, {programs}; sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY).returncode == 0
