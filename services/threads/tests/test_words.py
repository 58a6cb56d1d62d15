"""Which words a text has, and that nobody's can pass for another's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.threads.words import document, query, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("don't foo_bar 3.14", ["don", "t", "foo", "bar", "3", "14"]),
        ("Café CAFE\u0301 straße STRASSE", ["cafe", "cafe", "strasse", "strasse"]),
        ("ﬁne ｗｉｄｅ", ["fine", "wide"]),
        ("𝐇𝐞𝐥𝐥𝐨 ℋall Duet™ ㏇ ＷＩＤＥ", ["hello", "hall", "duettm", "co", "wide"]),
        ("日本 tea", ["日", "本", "tea"]),
        ("ok\U0001f600\U0001f600", ["ok", "\U0001f600", "\U0001f600"]),
        ("हिन्दी", ["हनद"]),
        ("\u200b!?…", []),
    ],
)
def test_case_accents_and_width_are_folded(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_long_word_is_cut_alike_in_text_and_query() -> None:
    assert words("x" * 100) == ["x" * 64]
    assert query("x" * 100, 7) == f"7/{'x' * 64}:*"


def test_all_words_must_be_there_and_the_last_may_be_a_beginning() -> None:
    assert query("big red ba", 7) == "7/big & 7/red & 7/ba:*"
    assert query("?!", 7) == ""


def test_a_message_is_indexed_once_for_each_member() -> None:
    assert document("b a b", 1, 2) == "1/b 1/a 2/b 2/a"


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_has_the_same_words_in_other_company(text: str) -> None:
    assert words(text) == words(f"{text} \u2026")


@given(st.text(max_size=60))
def test_no_text_escapes_from_its_members_words(text: str) -> None:
    for lexeme in filter(None, document(text, 12, 345).split(" ")):
        assert re.fullmatch(r"(12|345)/[^\s/'\\:&|!()<>*]{1,64}", lexeme)
    if asked := query(text, 12):
        assert all(re.fullmatch(r"12/[^\s/'\\:&|!()<>*]{1,64}", part) for part in asked[:-2].split(" & "))


@given(st.text(min_size=1, max_size=30))
def test_a_text_finds_itself(text: str) -> None:
    indexed = set(document(text, 1, 2).split(" "))
    asked = query(text, 1)
    assert not asked or set(asked.removesuffix(":*").split(" & ")) <= indexed
