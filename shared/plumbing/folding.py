"""What searchers take for the same: case, width and accents, by Unicode's own properties.

Latin, Greek: all marks and strokes go, so `lodz`, `soren` and `da nang` find Łódź, Søren and Đà Nẵng; ß is ss, æ is ae.
Cyrillic: й, ї and ў are letters of their own; ё is е, as most people write it, and marks of stress go.
Hebrew, Arabic: points go, an alef is an alef, and Arabic's kaf and yeh are Persian's.
All other scripts keep their marks, which make other letters there: パ is not ハ, and Thai, Korean and the scripts of
India keep their vowels.
"""

import unicodedata

import regex

FORM = 4
"""Raise it with every change here: what is stored in an older form is then folded again."""

_PICTOGRAPH = regex.compile(r"(\p{Extended_Pictographic})")
_NON_JOINER = regex.compile(r"(?<=\p{scx=Arab})\u200c")
_DROPPED = regex.compile(  # skin tones, tatweel, the half rings and the okina of transcriptions
    r"[\p{Default_Ignorable_Code_Point}\U0001f3fb-\U0001f3ff\u0640\u02bb\u02be\u02bf]"
)
_ACCENT = regex.compile(
    r"(?V1)[\p{M}&&[\p{scx=Latn}\p{scx=Grek}\p{scx=Cyrl}\p{scx=Hebr}\p{scx=Arab}\p{scx=Syrc}\p{scx=Zinh}\p{Zinh}]"
    r"--[\p{scx=Hira}\p{scx=Deva}]]"
)
_MARK = regex.compile(r"\p{M}")
_ACCENTED = regex.compile(r"[\p{Latin}\p{Greek}]")
_WITH = regex.compile(r"LATIN (?:SMALL LETTER|SMALL LIGATURE|LETTER SMALL CAPITAL) ([A-Z]{1,2})(?: WITH .*)?")
_ALEF = "\u0627"
_REMEMBERED = 50_000
_OTHERS = {
    "ё": "е",
    "ѐ": "е",
    "ѝ": "и",
    "ı": "i",
    "ð": "d",
    "þ": "th",
    "ĸ": "q",
    "ŋ": "n",
    "ʼ": "'",
    "’": "'",
    "ك": "ک",
    "ي": "ی",
}


def folded(text: str) -> str:
    """`text` as it is compared. The form of a beginning is, for nearly all texts, a beginning of the form."""
    if text.isascii():
        return text.lower()
    parts = _PICTOGRAPH.split(_NON_JOINER.sub(" ", text))
    parts[::2] = (unicodedata.normalize("NFKC", part) for part in parts[::2])  # ™ stays a sign, ㎏ becomes kg
    return "".join(parts).translate(_FOLDED)


class _Folded(dict[int, str]):
    """Each code point's form, worked out when it is first met, and remembered for as many as are ever in use."""

    def __missing__(self, code: int) -> str:
        form = _fold(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = form
        return form


def _fold(char: str) -> str:
    if _PICTOGRAPH.match(char):
        return char
    if _DROPPED.match(char) or _ACCENT.match(char):
        return ""
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    bare = unicodedata.normalize("NFD", char)
    if bare[0] == _ALEF:
        return _ALEF
    if _ACCENTED.match(char):
        return "".join(_OTHERS.get(one) or _base(one) for one in _MARK.sub("", bare).casefold())
    lower = unicodedata.normalize("NFKC", char.casefold())
    return _OTHERS.get(lower, lower)


def _base(letter: str) -> str:
    """The letter that its name says it is `with` something, or a ligature of: ł is l, æ is ae."""
    named = _WITH.fullmatch(unicodedata.name(letter, ""))
    return named[1].lower() if named else letter


_FOLDED = _Folded()
