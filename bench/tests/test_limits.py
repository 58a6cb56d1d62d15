"""The gate of bench-smoke: what is too high is seen, and a limit only ever gets lower by itself."""

import json
from pathlib import Path

from bench.limits import ROWS, Loads, Row, above, ratios, tightened
from bench.tests.loads import load

_NODE = Row("p50", "at 1,000/s", "node")
_LIMITS = {str(row): 2.0 for row in ROWS}


def measured(*duet_p99: float) -> Loads:
    """Of Duet in each round; a neighbour's is 4 ms in all of them."""
    loads: Loads = {}
    for row in ROWS:
        loads[row.phase, "duet"] = [load(1000, p99) for p99 in duet_p99]
        loads[row.phase, row.neighbour] = [load(1000, 4.0) for _ in duet_p99]
    return loads


def test_a_row_is_too_high_by_its_median_and_not_by_one_bad_round() -> None:
    assert above(measured(4.0, 4.0, 40.0), _LIMITS) == []
    assert _NODE in above(measured(4.0, 40.0, 40.0), _LIMITS)


def test_rounds_of_one_target_alone_are_compared_with_nothing() -> None:
    loads = measured(4.0, 4.0, 4.0)
    loads["at 1,000/s", "duet"] += [load(1000, 400.0)] * 2
    assert ratios(_NODE, loads) == [1.0, 1.0, 1.0]


def test_limits_are_lowered_to_what_was_measured_and_its_spare_room_and_never_raised() -> None:
    assert tightened(measured(4.0), _LIMITS)[str(_NODE)] == 1.25
    assert tightened(measured(8.0), _LIMITS)[str(_NODE)] == 2.0


def test_every_row_has_a_limit_and_every_limit_a_row() -> None:
    limits = json.loads((Path(__file__).parents[1] / "smoke.json").read_text())
    assert list(limits) == [str(row) for row in ROWS]
