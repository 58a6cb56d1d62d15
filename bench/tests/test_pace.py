"""What `bench.pace` says of rounds: who is under load when, and ratios of neighbours in time."""

from bench.measure.turns import turns
from bench.report.pace import ratios, table
from bench.tests.loads import load


def test_every_target_follows_every_other_one_in_some_round() -> None:
    asked = [(name, rate) for _, rate, name in turns({100: "abc", 500: "abc"}, 3)]
    assert [name for name, _ in asked] == [*"abcabc", *"bcabca", *"cabcab"]
    assert [rate for _, rate in asked[:6]] == [100] * 3 + [500] * 3


def test_a_ratio_is_of_one_round_so_that_a_slow_minute_disturbs_both() -> None:
    slow, fast = load(1000, 40.0), load(1000, 4.0)
    other = {1000.0: [load(1000, 20.0), load(1000, 2.0), load(1000, 2.0)]}
    said = ratios({"duet": {1000.0: [slow, fast, fast]}, "node": other})
    assert "duet / node" in said
    assert said.count("2.00 (2.00-2.00)") == 3


def test_a_target_that_was_given_up_is_compared_in_the_rounds_that_it_has() -> None:
    said = ratios({"duet": {1000.0: [load(1000, 4.0)] * 3}, "fastapi": {1000.0: [load(1000, 8.0)]}})
    assert "0.50" in said


def test_the_table_says_what_was_lost_and_that_a_rate_was_too_much() -> None:
    said = table({"duet": {2000.0: [load(2000, 400.0), load(2000, 9.0, lost=2)]}})
    assert "2 lost, 2 of 2 rounds over its limit" in said


def test_the_table_shows_the_cpu_of_all_programs_the_dearest_first() -> None:
    said = table({"duet": {1000.0: [load(1000, 9.0)]}})
    assert "1.10" in said
    assert "postgres 1.000, server 0.100" in said
