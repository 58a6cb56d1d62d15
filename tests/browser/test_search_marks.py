"""What a page marks of a message that was found is what the server found it by."""

import unicodedata

from shared.plumbing.folding import folded
from tests.browser.modules import Modules


async def test_case_and_accents_are_folded_here_as_on_the_server(modules: Modules) -> None:
    blocks = [(0x41, 0x180), (0x1CD, 0x1E4), (0x386, 0x3D0), (0x400, 0x460), (0x5D0, 0x5F0), (0x1E00, 0x1E9A)]
    letters = [
        char for start, end in blocks for char in map(chr, range(start, end))
        if unicodedata.category(char)[0] == "L"
    ]  # fmt: skip
    texts = [*letters, "e\u0301", "Ａ１", "パ", "ї", "ёлка", "שָׁלוֹם", "أحمد", "👍🏽", "™"]
    forms = await modules.run("lib/fold", "return a.map((text) => m.folded(text).form)", *texts)
    different = {text: form for text, form in zip(texts, forms, strict=True) if form != folded(text)}
    assert different == {}


async def test_words_are_marked_where_the_server_found_them(modules: Modules) -> None:
    marked = {
        ("The CAFÉ, by Cafeteria", "cafe"): ["CAFÉ", "Cafe"],
        ("one onerous one", "one o"): ["one", "o", "one"],
        ("Straße Strasse", "straße"): ["Straße", "Strasse"],
        ("東京都へ行く", "京都"): ["京都"],
        ("I 👍 it", "👍"): ["👍"],
        ("cafe\u0301s", "cafés"): ["cafe\u0301s"],
        ("nothing", "else"): [],
        ("", "x"): [],
    }
    body = "return a.map(([text, query]) => m.marks(text, query).map(([from, to]) => text.slice(from, to)))"
    assert await modules.run("lib/fold", body, *marked) == list(marked.values())


async def test_a_snippet_begins_near_the_first_mark_and_cuts_no_character(modules: Modules) -> None:
    text = "word " * 50 + "a needle\nin it " + "👍" * 200
    body = "return m.snippet(a[0], a[1])"
    parts = await modules.run("lib/snippet", body, text, "needle")
    said = "".join(part["text"] for part in parts)
    assert [part["text"] for part in parts if part["marked"]] == ["needle"]
    assert said.startswith("…word ")
    assert "needle in it" in said
    assert len(said) < 220
    assert said.encode("utf-8")  # no half of a pair
    assert await modules.run("lib/snippet", body, "short\ntext", "x") == [
        {"text": "short text", "marked": False}
    ]
