"""The words of a text, as they are indexed and searched for. Pure.

Case, accents and width are folded. Characters that are words by themselves (CJK, emoji) are taken one by one.
Indexed is `<user id>/<word>`; no word holds a slash, so no text can pass for another person's. A change here applies
to new messages only: the index of old ones stays as it is.
"""

import re
import unicodedata

_MAX_WORD = 64
_SIGN = "\u2600-\u27bf\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U0001f300-\U0001faff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_SIGN}]|[^\W_{_SIGN}]+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
"""The same for lower-case ASCII, where it takes a third of the time."""


def words(text: str) -> list[str]:
    """In their order, each cut to 64 characters."""
    found = _ASCII_WORD.findall(text.lower()) if text.isascii() else _WORD.findall(_fold(text))
    return [word[:_MAX_WORD] for word in found] if len(text) > _MAX_WORD else found


def document(text: str, low: int, high: int) -> str:
    """A message of these two members as a tsvector literal."""
    if not (found := dict.fromkeys(words(text))):
        return ""
    of_low, of_high = f" {low}/", f" {high}/"
    return of_low[1:] + of_low.join(found) + of_high + of_high.join(found)


def query(text: str, user: int) -> str:
    """All words of `text` as a tsquery, the last one perhaps not typed to its end; "" if there are none."""
    found = list(dict.fromkeys(words(text)))
    return " & ".join(f"{user}/{word}" for word in found) + ":*" if found else ""


def _fold(text: str) -> str:
    # Compatibility capitals (𝐇, ™) have a lower case only once they are decomposed.
    folded = unicodedata.normalize("NFKD", text).casefold()
    # Marks are dropped, not split at: they belong to the letter before them.
    return "".join(char for char in folded if not unicodedata.category(char).startswith("M"))
