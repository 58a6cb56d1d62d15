"""Which messages a search finds, in the scripts of the world: what its reader takes for the same, and nothing else."""

from services.threads.tests.driver import Service, User
from services.threads.tests.test_search import find, until_found

_PAPA, _HAHA = "パパの時計", "ハハは元気"
_KYOTO, _BOTH, _TOKYO = "京都は東にある", "東京と京都", "東京都に住む"
_SIGNS = "\U0001f44d\U0001f3fd ‼️ ♥ 5€"
_FOUND = [
    ("⭐", ["⭐ ab ⏰"]),
    ("⏰", ["⭐ ab ⏰"]),
    ("\U0001f44d", [_SIGNS]),
    ("‼", [_SIGNS]),
    ("♥️ €", [_SIGNS]),
    ("パパ", [_PAPA]),
    ("ﾊﾟﾊﾟ", [_PAPA]),
    ("ハハ", [_HAHA]),
    ("時計", [_PAPA]),
    ("計時", []),
    ("東京", [_TOKYO, _BOTH]),
    ("京都", [_TOKYO, _BOTH, _KYOTO]),
    ("東京都", [_TOKYO]),
    ("東", [_TOKYO, _BOTH, _KYOTO]),
    ("東京 ある", []),
    ("ครับ", ["สวัสดีครับวันนี้"]),
    ("วันนี้", ["สวัสดีครับวันนี้"]),
    ("ครบ", []),
    ("da nang", ["Đà Nẵng"]),
    ("đà n", ["Đà Nẵng"]),
    ("lodz", ["Łódź to miasto"]),
    ("soren", ["Søren Ærøskøbing"]),
    ("AEROSKOBING", ["Søren Ærøskøbing"]),
    ("strasse koln", ["Straße nach Köln"]),
    ("istanbul", ["İstanbul"]),
    ("αθηναι", ["Ἀθῆναι"]),
    ("еж", ["мой ёж"]),
    ("мой", ["мой ёж"]),
    ("мои", ["мои друзья"]),
    ("हिन्दी", ["हिन्दी में"]),
    ("हनद", ["हनद"]),
    ("학교", ["학교에서"]),
    ("하교", []),
    ("احمد", ["أَحْمَد"]),
    ("کتابی", ["كتابي"]),
    ("quran hawaii", ["Qurʾān, Hawaiʻi"]),
    ("п'ять", ["пʼять"]),
    ("שלום", ["שָׁלוֹם"]),
]
_ALL = dict.fromkeys(text for _, texts in _FOUND for text in reversed(texts))


async def test_a_search_finds_what_its_reader_takes_for_the_same(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, *sorted(_ALL, key=[_KYOTO, _BOTH, _TOKYO, *_ALL].index), "the last")
    await until_found(threads, ann, "last")
    assert [(asked, await find(threads, ann, asked)) for asked, _ in _FOUND] == _FOUND
