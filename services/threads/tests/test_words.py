"""Which words a text has, and that nobody's can pass for another's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.threads.words import document, query


def words(text: str) -> list[str]:
    """As they are indexed for user 1, in their order."""
    return [word.removeprefix("1/") for word in document(text, 1, 2).split(" ") if word.startswith("1/")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("don't foo_bar 3.14", ["don", "t", "foo", "bar", "3", "14"]),
        ("Café CAFE\u0301s straße STRASSE", ["cafe", "cafes", "strasse"]),
        ("ﬁne ｗｉｄｅ", ["fine", "wide"]),
        ("𝐇𝐞𝐥𝐥𝐨 ℋall Duet™ ㏇ ＷＩＤＥ", ["hello", "hall", "duet", "™", "co", "wide"]),
        ("日本 tea", ["日本:1", "本:2", "tea"]),
        ("ok\U0001f600\U0001f600 ⭐⏰", ["ok", "\U0001f600", "⭐", "⏰"]),
        ("हिन्दी 한국어 Йод", ["हिन्दी", "한국어", "йод"]),
        ("\u200b!?…", []),
    ],
)
def test_a_text_has_the_words_that_its_readers_see(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_long_word_is_cut_alike_in_text_and_query() -> None:
    assert words("x" * 100) == ["x" * 64] == words("x" * 100 + " …")
    assert query("x" * 100, 7) == f"7/{'x' * 64}:*"


def test_all_words_must_be_there_and_the_last_may_be_a_beginning() -> None:
    assert query("big red ba", 7) == "7/big & 7/red & 7/ba:*"
    assert query("?!", 7) == ""
    assert query("ba ⭐ 日 ba 東京都", 7) == "7/ba & 7/⭐ & 7/日:* & 7/東京 <-> 7/京都"


def test_a_message_is_indexed_once_for_each_member() -> None:
    assert document("b a b", 1, 2) == "1/b 1/a 2/b 2/a"


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_has_the_same_words_in_other_company(text: str) -> None:
    assert words(text) == words(f"{text} \u2026")


@given(st.text(max_size=60))
def test_no_text_escapes_from_its_members_words(text: str) -> None:
    for lexeme in filter(None, document(text, 12, 345).split(" ")):
        assert re.fullmatch(r"(12|345)/[^\s/'\\:&|!()<>*]{1,64}(:[\d,]+)?", lexeme)
    for part in filter(None, re.split(" & | <-> ", query(text, 12))):
        assert re.fullmatch(r"12/[^\s/'\\:&|!()<>*]{1,64}(:\*)?", part)
