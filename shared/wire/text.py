"""What a message and a display name may hold."""

import re
import unicodedata

from shared.wire.problems import FieldError, Invalid

MAX_TEXT_CODE_POINTS = 4000
MAX_DISPLAY_NAME_CODE_POINTS = 64
MAX_MARKS = 30
"""On one character, as in Unicode's Stream-Safe Text Format (UAX 15): normalizing takes the square of their number."""

_UNCOMPOSED = 3
"""So many times the limit a text may be as long before its characters are composed."""


def _is_mark(char: str) -> bool:
    """Whether it is a non-starter, or decomposes into some."""
    return unicodedata.combining(unicodedata.normalize("NFKD", char)[0]) != 0


def _marks(first: int, last: int) -> str:
    return "".join(char for char in map(chr, range(first, last + 1)) if _is_mark(char))


_TOWER = re.compile(  # two classes: `re` looks a character up in one of the first 65,536 only, and walks through others
    f"(?:[{_marks(0x300, 0xFFFF)}]+|(?=[\U00010000-\U0001efff])[{_marks(0x10000, 0x1EFFF)}]+)+"
)
HALF_A_PAIR = re.compile("[\ud800-\udfff]")


def composed(text: str, most: int, pointer: str) -> str:
    """`text` in NFC, of at most `most` code points. Raises Invalid before it spends more time than that is worth."""
    too_long = FieldError(pointer, f"is longer than {most} characters")
    if len(text) > _UNCOMPOSED * most:
        raise Invalid([too_long])
    if not text.isascii():
        if HALF_A_PAIR.search(text):
            raise Invalid([FieldError(pointer, "holds half of a surrogate pair")])
        if len(text) > MAX_MARKS and any(len(tower) > MAX_MARKS for tower in _TOWER.findall(text)):
            raise Invalid([FieldError(pointer, f"stacks more than {MAX_MARKS} marks on one character")])
        text = unicodedata.normalize("NFC", text)
    if len(text) > most:
        raise Invalid([too_long])
    return text


def message_text(text: str, pointer: str = "/text") -> str:
    """`text` in NFC, 1-4000 code points, not all blank.

    Raises Invalid for anything else, U+0000 and lone surrogates included.
    """
    normal = _sendable(text, pointer)
    if is_blank(normal):
        raise Invalid([FieldError(pointer, "is blank")])
    return normal


def caption(text: str, pointer: str = "/text") -> str:
    """The text of a message with attachments: as message_text, but empty for a blank one."""
    normal = _sendable(text, pointer)
    return "" if is_blank(normal) else normal


def draft_text(text: str, pointer: str) -> str:
    """`text` as it was typed, since NFC would move the caret; empty if it is blank. Else raises as message_text."""
    return "" if is_blank(_sendable(text, pointer)) else text


def _sendable(text: str, pointer: str) -> str:
    normal = composed(text, MAX_TEXT_CODE_POINTS, pointer)
    if "\x00" in normal:
        raise Invalid([FieldError(pointer, "holds the character U+0000")])
    return normal


def display_name(name: str, pointer: str = "/display_name") -> str:
    """`name` in NFC and stripped, 1-64 code points without control or bidi characters, else Invalid."""
    normal = composed(name.strip(), MAX_DISPLAY_NAME_CODE_POINTS, pointer)
    if is_blank(normal):
        raise Invalid([FieldError(pointer, "is blank")])
    if any(_is_control(char) for char in normal):
        raise Invalid([FieldError(pointer, "holds a control or direction character")])
    return normal


def line(text: str, most: int) -> str:
    """What a stranger's page says, as one line of at most `most` code points: NFC, no control or direction characters,
    no towers of marks; "" if nothing of it would be drawn. The same again for what came out of it."""
    flat = " ".join(text[: _UNCOMPOSED * most].split())
    shown = "".join(char for char in flat if not _is_control(char))
    normal = _TOWER.sub(lambda tower: tower[0][:MAX_MARKS], unicodedata.normalize("NFC", shown))
    cut = " ".join(normal[:most].split())
    return "" if is_blank(cut) else cut


_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's Default_Ignorable_Code_Point, which `unicodedata` does not know."""
_BLANK = "\u2800\ufff9-\ufffb\U00013430-\U00013442\U0001d159"
"""Letters and signs whose picture is empty: the Braille cell without dots, the note without a head …"""
_DRAWS_NOTHING = re.compile(f"[{_IGNORABLE}{_BLANK}]")
_NEEDS_ANOTHER = frozenset({"Cc", "Cs", "Mn", "Mc", "Me"})
"""Categories of what is not drawn, or only on another character."""
_DRAWN = re.compile("[!-~]")
"""What nearly every text has: looking for it takes a fifth of asking Unicode."""


def is_blank(text: str) -> bool:
    """Whether nothing of it would be drawn."""
    return _DRAWN.search(text) is None and not any(map(_is_drawn, text))


def _is_drawn(char: str) -> bool:
    return not (char.isspace() or unicodedata.category(char) in _NEEDS_ANOTHER or _DRAWS_NOTHING.match(char))


_FORMAT_CHARACTERS_OF_EMOJI = "\u200c\u200d"


def _is_control(char: str) -> bool:
    if char in _FORMAT_CHARACTERS_OF_EMOJI:
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
