"""Whether traces are taken, and of how much: OpenTelemetry's own variables, so that its documents hold here, too."""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import NamedTuple

from shared.plumbing.settings import kinds
from shared.plumbing.settings.kinds import Kind
from shared.plumbing.settings.known import SettingError, check_one, without_password

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_PROTOCOL, _SAMPLER, _ARG = "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"
_ALWAYS = ("always_on", "parentbased_always_on")
_NEVER = ("always_off", "parentbased_always_off")
_RATIO = ("traceidratio", "parentbased_traceidratio")
_KINDS: Mapping[str, Kind] = {
    ENDPOINT: kinds.collector,
    _PROTOCOL: kinds.one_of("http/protobuf"),
    _SAMPLER: kinds.one_of(*_ALWAYS, *_NEVER, *_RATIO),
    _ARG: kinds.ratio,
}
_SENDER = "opentelemetry.exporter.otlp.proto.http"


class Tracing(NamedTuple):
    """endpoint: of the collector. ratio: of all that comes in from outside, how much is taken."""

    endpoint: str
    ratio: float


def tracing(environ: Mapping[str, str] = os.environ) -> Tracing | None:
    """None: no traces are taken, and what else is said of them counts for nothing. Raises SettingError."""
    endpoint = environ.get(ENDPOINT)
    if not endpoint:
        return None
    for name, kind in _KINDS.items():
        if text := environ.get(name):
            check_one(name, text, kind)
    if not _is_installed(_SENDER):
        raise SettingError(f"{ENDPOINT} needs the extra `tracing`: pip install 'duet[tracing]'")
    sampler = environ.get(_SAMPLER) or _ALWAYS[0]
    ratio = float(environ.get(_ARG) or 1) if sampler in _RATIO else float(sampler in _ALWAYS)
    return Tracing(endpoint, ratio)


def printable(environ: Mapping[str, str] = os.environ) -> list[str]:
    """What is said of traces, one a line, if they are taken."""
    if not environ.get(ENDPOINT):
        return []
    return [f"{name}={without_password(environ[name])}" for name in _KINDS if environ.get(name)]


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False
