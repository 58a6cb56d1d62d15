"""The words of a text, as they are indexed and searched for. Pure.

Case, width and accents are folded. Scripts that put no space between words are indexed by pairs of characters at their
places: what is searched for there must stand in the text, character after character. A sign (emoji, ♥, €) is a word.
Indexed is `<user id>/<word>`. No word holds a slash, so no text can pass for another person's.
"""

import re
from collections.abc import Iterator

import regex

from shared.plumbing.folding import folded
from shared.wire import codec
from shared.wire.attachments import Attachment

_MAX_WORD = 64
_ASCII_WORD = re.compile(r"[a-z0-9]+")
# Word_Break (UAX 29) has no rule for the letters of these scripts, except for Katakana and some of Han.
_UNSPACED = r"[\p{Alphabetic}&&[\p{WB=Other}\p{WB=Katakana}\p{scx=Hani}]]"
_SIGN = r"[\p{Extended_Pictographic}[\p{S}--\p{ASCII}]]"
_PIECE = regex.compile(
    rf"(?V1)(?P<unspaced>{_UNSPACED}[{_UNSPACED}\p{{M}}]*)"
    rf"|\p{{RI}}{{2}}|{_SIGN}|(?P<word>[[\p{{L}}\p{{M}}\p{{N}}]--{_UNSPACED}--{_SIGN}]+)"
)


def findable(text: str, attachments: str | None) -> str:
    """All that a message is found by: its text, and of its attachments (JSON) the names and descriptions."""
    if not attachments:
        return text
    named = codec.decode(attachments, list[Attachment])
    return "\n".join((text, *(one.name for one in named), *(one.alt for one in named if one.alt)))


def document(text: str, low: int, high: int) -> str:
    """A message of these two members as a tsvector literal."""
    if text.isascii():  # nearly the same takes a third of the time
        found = [word[:_MAX_WORD] for word in dict.fromkeys(_ASCII_WORD.findall(text.lower()))]
    else:
        found = [_placed(word, places) for word, places in _places(text).items()]
    if not found:
        return ""
    of_low, of_high = f" {low}/", f" {high}/"
    return of_low[1:] + of_low.join(found) + of_high + of_high.join(found)


def query(text: str, user: int) -> str:
    """All words of `text` as a tsquery, the last one perhaps not typed to its end; "" if there are none."""
    pieces = list(_pieces(text))
    if not pieces:
        return ""
    whole = dict.fromkeys(_asked(user, *piece) for piece in pieces[:-1])
    last = _asked(user, *pieces[-1]) + (":*" if pieces[-1][1] == "word" else "")
    return " & ".join((*whole, last))


def _asked(user: int, piece: str, kind: str | None) -> str:
    if kind != "unspaced":
        return f"{user}/{piece[:_MAX_WORD]}"
    pairs = [piece[at : at + 2] for at in range(len(piece) - 1)]
    return " <-> ".join(f"{user}/{pair}" for pair in pairs) or f"{user}/{piece}:*"


def _pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """Each with its kind: `word`, `unspaced`, None for a sign."""
    for match in _PIECE.finditer(folded(text)):
        yield match[0], match.lastgroup


def _places(text: str) -> dict[str, list[int]]:
    """Each word with the places where it stands. Only the characters of unspaced scripts have any, from 1."""
    found: dict[str, list[int]] = {}
    place = 1
    for piece, kind in _pieces(text):
        if kind != "unspaced":
            found.setdefault(piece[:_MAX_WORD], [])
            continue
        for at in range(len(piece)):
            found.setdefault(piece[at : at + 2], []).append(place)
            place += 1
        place += 1  # a phrase does not go on in the next run
    return found


def _placed(word: str, places: list[int]) -> str:
    return f"{word}:{','.join(map(str, places))}" if places else word
