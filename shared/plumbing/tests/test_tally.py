"""Our own histogram says what the library's says, and a lag grows until it is caught up."""

import time

import pytest
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from shared.plumbing.telemetry import tally
from shared.plumbing.telemetry.lag import Lag
from shared.plumbing.telemetry.status import status_of
from shared.plumbing.telemetry.tally import Tally

_BOUNDS = (0.001, 0.25, 1)
_SEEN = (0.0005, 0.001, 0.002, 0.25, 0.9, 1, 7)


def test_a_tally_is_exposed_as_the_librarys_histogram_is(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    monkeypatch.setattr(tally, "REGISTRY", ours)
    one = Tally("seen_seconds", "What was seen", _BOUNDS, ["way"])
    other = Histogram("seen_seconds", "What was seen", ["way"], buckets=_BOUNDS, registry=theirs)
    for number, value in enumerate(_SEEN * 2):
        way = ("here", "hint")[number % 2]
        one.series(way).observe(value)
        other.labels(way).observe(value)
    expected = [line for line in generate_latest(theirs).decode().splitlines() if "_created" not in line]
    assert generate_latest(ours).decode().splitlines() == expected


def test_a_lag_is_the_time_since_all_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(Lag, "known", [])
    lag = Lag("tried_lag_seconds", "For a test", 5)
    now += 7
    assert lag.seconds() == 7
    [wrong] = status_of({"redis": "ok"}, draining=False).wrong
    assert wrong == "tried_lag_seconds is 7, and 5 at most is well"
    lag.caught_up()
    assert lag.seconds() == 0
    assert status_of({"redis": "degraded"}, draining=False).wrong == ["redis is degraded"]
