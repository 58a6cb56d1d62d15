"""What a message and a display name may hold."""

import pytest

from shared.wire.problems import Invalid
from shared.wire.text import display_name, message_text


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
