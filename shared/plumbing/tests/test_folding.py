"""What searchers take for the same, script by script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.plumbing import folding
from shared.plumbing.folding import folded


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Đà Nẵng Łódź Søren Þór Ærø", "da nang lodz soren thor aero"),
        ("œuvre Straße İSTANBUL ısı", "oeuvre strasse istanbul isi"),
        ("ＷＩＤＥ ﬁne ℋall 𝐇 ㎏", "wide fine hall h kg"),
        ("Ἀθῆναι ᾳ ΣΊΣΥΦΟΣ", "αθηναι α σισυφοσ"),
        ("Йод ЁЛКА замо\u0301к Їжак Ќе", "йод елка замок їжак ќе"),
        ("שָׁלוֹם أَحْمَد مُحَمَّد ـــ ٣", "שלום احمد محمد  3"),
        ("パパ ﾊﾟﾊﾟ ハハ ガ", "パパ パパ ハハ ガ"),
        ("हिन्दी ครับ 한국어 தமிழ்", "हिन्दी ครับ 한국어 தமிழ்"),
        ("\U0001f44d\U0001f3fd ☎️ ™", "\U0001f44d ☎ ™"),
        ("soft\u00adware zero\u200bwidth می\u200cخواهم", "software zerowidth می خواهم"),
    ],
)  # fmt: skip
def test_what_is_another_letter_stays_and_what_is_an_accent_goes(text: str, form: str) -> None:
    assert folded(text) == form


@given(st.text(max_size=40))
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    """One character may become several that compose with the next: then twice is enough."""
    once = folded(folded(text))
    assert folded(once) == once


def test_no_text_makes_it_remember_all_of_unicode() -> None:
    for first in range(0x20000, 0x30000, 4000):
        folded("".join(map(chr, range(first, first + 4000))))
    assert len(folding._FOLDED) <= folding._REMEMBERED
