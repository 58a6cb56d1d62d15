"""What may be said of traces, by OpenTelemetry's own variables."""

import sys

import pytest

from shared.plumbing.settings.known import SettingError
from shared.plumbing.settings.tracing import Tracing, printable, tracing

_COLLECTOR = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://otel:secret@collector:4318"}


@pytest.mark.parametrize(
    ("said", "ratio"),
    [
        ({}, 1.0),
        ({"OTEL_TRACES_SAMPLER": "always_off", "OTEL_TRACES_SAMPLER_ARG": "1"}, 0.0),
        ({"OTEL_TRACES_SAMPLER": "parentbased_always_on", "OTEL_TRACES_SAMPLER_ARG": "0.5"}, 1.0),
        ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"}, 0.01),
        ({"OTEL_TRACES_SAMPLER": "parentbased_traceidratio"}, 1.0),
    ],
)
def test_traces_are_set_as_opentelemetry_has_it(said: dict[str, str], ratio: float) -> None:
    assert tracing(_COLLECTOR | said) == Tracing(_COLLECTOR["OTEL_EXPORTER_OTLP_ENDPOINT"], ratio)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:0"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
        ("OTEL_TRACES_SAMPLER_ARG", "some"),
    ],
)
def test_what_cannot_be_of_traces_is_refused_by_its_name_where_they_are_taken(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=f"^{name} must .*, not '{text}'$"):
        tracing(_COLLECTOR | {name: text})
    if name not in _COLLECTOR:
        assert tracing({name: text}) is None


def test_traces_need_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    with pytest.raises(SettingError, match=r"^OTEL_EXPORTER_OTLP_ENDPOINT needs the extra `tracing`"):
        tracing(_COLLECTOR)


def test_the_printed_settings_say_where_traces_go_without_a_password() -> None:
    assert printable(_COLLECTOR) == ["OTEL_EXPORTER_OTLP_ENDPOINT=https://otel:***@collector:4318"]
    assert printable({"OTEL_TRACES_SAMPLER": "always_on"}) == []
