"""Rules of passwords: their form (NFC, RFC 8265), their length, and which are too common."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from shared.wire.problems import FieldError, Invalid
from shared.wire.text import HALF_A_PAIR, composed

MIN_CODE_POINTS = 10
MAX_CODE_POINTS = 256

_DATA = Path(__file__).with_name("data")
_WALKS = (
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "01234567890123456789012345678901234567890",
    "qwertyuiopasdfghjklzxcvbnmqwertyuiop",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
    "!@#$%^&*()_+",
    "a1b2c3d4e5f6g7h8i9j0",
    "1a2b3c4d5e6f7g8h9i0j",
)
_LONGEST_COMMON = 32  # guessers' lists hold nothing longer
_LONGEST_REPEATED_UNIT = 4
_LONGEST_TRIMMING = 4
_STEM = re.compile(r"(?P<before>[^a-z]*)(?P<stem>[a-z].*[a-z])(?P<after>[^a-z]*)", re.DOTALL)
_PLAIN_LETTERS = str.maketrans("@4310$5!7", "aaeiossit")


def normal(password: str) -> str:
    """The form that is hashed: composed characters, so that é is the same from every keyboard."""
    return unicodedata.normalize("NFC", password)


def new_password(typed: str, username: str, pointer: str) -> str:
    """`typed` in its normal form. Raises Invalid if `username` may not have it."""
    if "\x00" in typed or HALF_A_PAIR.search(typed):
        raise _invalid(pointer, "holds a character that cannot be typed")
    password = composed(typed, MAX_CODE_POINTS, pointer)
    if len(password) < MIN_CODE_POINTS:
        raise _invalid(pointer, f"must have at least {MIN_CODE_POINTS} characters")
    if is_common(password, username):
        raise _invalid(pointer, "is among the first that others would guess; choose another")
    return password


def is_common(password: str, username: str) -> bool:
    """Whether `password` is listed, made of one short piece, a walk over the keys, or a decorated common word.

    username: folded; itself, doubled, backwards or decorated it counts as common too.
    """
    folded = password.casefold()
    return len(folded) <= _LONGEST_COMMON and (
        folded in _listed("common_passwords.txt")
        or _repeats(folded)
        or _walks(folded)
        or _decorates_a_word(folded)
        or _decorates_the_name(folded, username)
    )


def _repeats(text: str) -> bool:
    return any(
        text == (text[:size] * len(text))[: len(text)] for size in range(1, _LONGEST_REPEATED_UNIT + 1)
    )


def _walks(text: str) -> bool:
    return any(text in walk or text[::-1] in walk for walk in _WALKS)


def _decorates_a_word(text: str) -> bool:
    """password1, Welcome2024!, p@ssw0rd123456"""
    parts = _STEM.fullmatch(text)
    if parts is None:
        return False
    words = _listed("common_words.txt")
    is_word = parts["stem"] in words or parts["stem"].translate(_PLAIN_LETTERS) in words
    return is_word and _is_trimming(parts["before"]) and _is_trimming(parts["after"])


def _decorates_the_name(text: str, username: str) -> bool:
    for name in (username, username[::-1]):
        rest = text.replace(name, "")
        if rest != text and _is_trimming(rest) and not any(char.isalpha() for char in rest):
            return True
    return False


def _is_trimming(text: str) -> bool:
    return len(text) <= _LONGEST_TRIMMING or _walks(text) or _repeats(text)


@cache
def _listed(file: str) -> frozenset[str]:
    """The lines of a data file, without comments."""
    lines = (_DATA / file).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("# "))


def _invalid(pointer: str, detail: str) -> Invalid:
    return Invalid([FieldError(pointer, detail)])
