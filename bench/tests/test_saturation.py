"""The search for the highest rate that is held, on a server of a known limit."""

from typing import Any

from bench.measure.figures import Load
from bench.measure.saturation import best, held, search
from bench.tests.loads import load


class KnownServer:
    """Holds up to `limit` messages a second."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.connected = 0

    def open_loop(self, rate: float, seconds: float, seed: int = 1) -> Load:
        return load(rate, 5.0 if rate <= self.limit else 2000.0)

    def connect(self) -> None:
        self.connected += 1


def test_the_highest_rate_is_found_to_within_a_tenth(monkeypatch: Any) -> None:
    monkeypatch.setattr("bench.measure.saturation._SETTLE_S", 0.0)
    for limit in (120.0, 900.0, 7_500.0):
        found = best(search(KnownServer(limit), 1.0))
        assert found is not None
        assert limit * 0.9 <= found.rate <= limit


def test_one_hiccup_of_the_machine_does_not_end_the_search(monkeypatch: Any) -> None:
    monkeypatch.setattr("bench.measure.saturation._SETTLE_S", 0.0)

    class Hiccup(KnownServer):
        def open_loop(self, rate: float, seconds: float, seed: int = 1) -> Load:
            hiccup = rate == 600 and not self.connected
            return load(rate, 150.0) if hiccup else super().open_loop(rate, seconds, seed)

    found = best(search(Hiccup(900.0), 1.0))
    assert found is not None
    assert found.rate > 810


def test_a_rate_is_not_held_with_a_slow_or_a_lost_message() -> None:
    assert held(load(100, 99.0))
    assert not held(load(100, 101.0))
    assert not held(load(100, 5.0, lost=1))


def test_the_databases_are_no_part_of_the_servers_cpu() -> None:
    assert load(1000, 5.0).cpu_ms_a_message() == 0.1
    assert load(1000, 5.0).cpu_ms_a_message(["postgres"]) == 1.0
