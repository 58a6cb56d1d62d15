"""The list in which people look for a reaction."""

import json
from typing import Any

import pytest

from gateway.emoji_file import FILE, is_reaction, listed

NAMED = 3


@pytest.fixture(scope="module")
def rows() -> Any:
    return json.loads(FILE.read_text())["emoji"]


def test_everything_listed_may_be_a_reaction_and_has_a_name(rows: list[list[str]]) -> None:
    assert len(rows) > 1800
    assert len({emoji for emoji, *_ in rows}) == len(rows)
    assert [row for row in rows if len(row) != NAMED or not row[1] or not is_reaction(row[0])] == []


def test_the_six_that_come_first_are_listed(rows: list[list[str]]) -> None:
    assert {"❤️", "👍", "😂", "😮", "😢", "🙏"} <= {emoji for emoji, *_ in rows}


def test_what_may_be_no_reaction_is_left_out() -> None:
    assert listed({"👍": ["thumbs_up", "yes", "yes"], "👍👍": ["two_thumbs"], "a": ["letter"]}) == [
        ["👍", "thumbs up", "yes"]
    ]
