"""A phase of load whose figures are known."""

from bench.measure.figures import Latency, Load


def load(rate: float, p99: float, lost: int = 0) -> Load:
    latency = Latency(p99 / 2, p99, p99, p99)
    return Load(
        rate=rate, seconds=1, sent=int(rate), delivered=int(rate) - lost, acknowledged=int(rate), lost=lost,
        repeated=0, reordered=0, refused=0, closed=0, delivery=latency, acknowledgement=latency,
        cpu_s={"server": rate * 0.0001, "postgres": 1.0}, generator_cpu=0.1, late_ms=0.1,
    )  # fmt: skip
