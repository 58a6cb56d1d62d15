"""Token buckets against the plain definition: tokens that drip into a bucket of a size."""

from hypothesis import given
from hypothesis import strategies as st

from shared.plumbing.limits.buckets import Buckets


def test_a_burst_is_taken_and_then_the_rate() -> None:
    now = 0.0
    buckets = Buckets(rate=10, burst=3, clock=lambda: now)
    assert [buckets.take("ann") for _ in range(3)] == [0, 0, 0]
    assert 0.09 < buckets.take("ann") < 0.11
    assert buckets.take("bob") == 0
    now = 0.1
    assert buckets.take("ann") == 0
    assert buckets.take("ann") > 0


@given(st.lists(st.floats(0, 2), max_size=60), st.integers(1, 20), st.integers(1, 10))
def test_it_gives_what_a_dripping_bucket_gives(pauses: list[float], rate: int, burst: int) -> None:
    now = 0.0
    buckets = Buckets(rate, burst, clock=lambda: now)
    tokens = float(burst)
    for pause in pauses:
        now += pause
        tokens = min(burst, tokens + pause * rate)
        if abs(tokens - 1) < 1e-6:
            continue  # on the edge either answer is right, and the two would part ways
        taken = buckets.take("ann") == 0
        assert taken == (tokens >= 1)
        tokens -= taken
