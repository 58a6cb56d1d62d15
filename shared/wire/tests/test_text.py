"""What a message and a display name may hold."""

import time
import unicodedata
from collections.abc import Callable

import pytest

from shared.wire.problems import Invalid
from shared.wire.text import display_name, is_blank, message_text


def test_text_is_put_into_nfc() -> None:
    assert message_text("e\u0301") == "\u00e9"


@pytest.mark.parametrize("text", ["hi", " hi ", "a\nb", "👩‍👩‍👧", "x" * 4000, "𝒳" * 4000, "مرحبا"])
def test_ordinary_text_is_kept(text: str) -> None:
    assert message_text(text) == text


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\u200b", "\u3000", "a\x00b", "\ud800", "a\udfffb", "x" * 4001, "\u200e\u202e"]
)
def test_blank_long_and_unstorable_text_is_invalid_by_name(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        message_text(text)
    assert [error.pointer for error in caught.value.errors] == ["/text"]


@pytest.mark.parametrize("name", ["Ann", "Ann O'Neil", "李", "👩‍👧", "x" * 64])
def test_ordinary_names_are_kept(name: str) -> None:
    assert display_name(name) == name


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\u202eb", "a\u0007", "x" * 65, "a\u2066b", "\ud800"])
def test_names_that_are_blank_long_or_turn_text_around_are_invalid(name: str) -> None:
    with pytest.raises(Invalid):
        display_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "\u3164",
        "\u115f\u1160",
        "\u2800",
        "\uffa0",
        "\u3164 \u2800\u200b",
        "\u0301",
        "\u20e3",
        "\u0903",
        "\ufe0f",
        "\u00ad\u034f\u061c",
        "\u17b4\u180e",
        "\ufff9\ufffb",
        "\U000e0041\U000e007f",
        "\U000e0100",
        "\U0001d159",
        "\U0001d173",
        "\U00013441",
        "\U0001bca0",
        "\ufeff\u2028",
    ],
)
@pytest.mark.parametrize("check", [message_text, display_name])
def test_a_text_of_which_nothing_is_drawn_is_blank(check: Callable[[str], str], text: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(text)
    assert [error.detail for error in caught.value.errors] == ["is blank"]


@pytest.mark.parametrize(
    "text", ["a\u3164", "e\u0323", "\u06dd", "नि", "가", "ᄀ", "⠁", "❤️", "。", "\u00a8", "\ue000"]
)
def test_a_text_of_which_something_is_drawn_is_not_blank(text: str) -> None:
    assert not is_blank(text)


TALL = "a" + "\u0301" * 16_250 + "\u0316" * 16_250
"""Marks of two classes, which normalizing has to sort: seconds of it, if it is let."""


@pytest.mark.parametrize(
    "text",
    [
        TALL,
        TALL[:12_000],
        "a" + "\u0f73" * 6_000,  # counts as no mark, and decomposes into two
        "x\uff9e\u0316" * 2 + "\uff9e\u0316" * 5_000,
        "a" + "\u0301" * 31,
        "\u1e69" + "\U0001e94a" * 31,
    ],
)
@pytest.mark.parametrize("check", [message_text, display_name])
def test_a_tower_of_marks_is_refused_at_once(check: Callable[[str], str], text: str) -> None:
    before = time.process_time()
    with pytest.raises(Invalid):
        check(text)
    assert time.process_time() - before < 0.02


def test_as_many_marks_as_a_language_needs_and_some_more_are_kept() -> None:
    tower = "a" + "\u0316" * 30
    assert message_text(tower * 4) == tower * 4
    assert message_text("e\u0301" * 4000) == "\u00e9" * 4000


def test_every_mark_that_unicode_has_is_known() -> None:
    marks = [
        char
        for char in map(chr, range(0x80, 0x110000))
        if unicodedata.combining(unicodedata.normalize("NFKD", char)[0])
    ]
    for mark in marks:
        with pytest.raises(Invalid):
            message_text("a" + mark * 31)


def test_a_text_over_three_times_the_limit_is_not_normalized() -> None:
    for text in ("\u0130" * 12_001, "\u1100\u1161\u11a8" * 4_001):
        with pytest.raises(Invalid, match="longer than 4000"):
            message_text(text)
