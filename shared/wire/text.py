"""What a message and a display name may hold."""

import unicodedata

from shared.wire.problems import FieldError, Invalid

MAX_TEXT_CODE_POINTS = 4000
MAX_DISPLAY_NAME_CODE_POINTS = 64


def message_text(text: str, pointer: str = "/text") -> str:
    """`text` in NFC, 1-4000 code points, not all blank.

    Raises Invalid for anything else, U+0000 and lone surrogates included.
    """
    if text.isascii():
        normal = text
    else:
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise Invalid([FieldError(pointer, "holds half of a surrogate pair")])
        normal = unicodedata.normalize("NFC", text)
    if "\x00" in normal:
        raise Invalid([FieldError(pointer, "holds the character U+0000")])
    if not normal or normal.isspace() or not any(map(_is_visible, normal)):
        raise Invalid([FieldError(pointer, "is blank")])
    if len(normal) > MAX_TEXT_CODE_POINTS:
        raise Invalid([FieldError(pointer, f"is longer than {MAX_TEXT_CODE_POINTS} characters")])
    return normal


def display_name(name: str, pointer: str = "/display_name") -> str:
    """`name` in NFC and stripped, 1-64 code points without control or bidi characters, else Invalid."""
    normal = unicodedata.normalize("NFC", name).strip()
    if not normal or not any(map(_is_visible, normal)):
        raise Invalid([FieldError(pointer, "is blank")])
    if len(normal) > MAX_DISPLAY_NAME_CODE_POINTS:
        raise Invalid([FieldError(pointer, f"is longer than {MAX_DISPLAY_NAME_CODE_POINTS} characters")])
    if any(_is_control(char) for char in normal):
        raise Invalid([FieldError(pointer, "holds a control or direction character")])
    return normal


_FORMAT_CHARACTERS_OF_EMOJI = "\u200c\u200d"


def _is_visible(char: str) -> bool:
    return not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf", "Cs")


def _is_control(char: str) -> bool:
    if char in _FORMAT_CHARACTERS_OF_EMOJI:
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
