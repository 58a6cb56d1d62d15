"""What a send says, in its normal form: its text, and the attachments that it names. Pure."""

import re
from collections.abc import Sequence

from shared.wire.attachments import ID_PATTERN, MAX_ALT_CODE_POINTS, MAX_ATTACHMENTS, NamedAttachment
from shared.wire.problems import FieldError, Invalid
from shared.wire.text import caption, composed, is_blank, message_text

Named = tuple[NamedAttachment, ...]
_ID = re.compile(ID_PATTERN.replace("$", r"\Z"))


def said(text: str, attachments: Sequence[NamedAttachment]) -> tuple[str, Named]:
    """Raises Invalid, which names the field."""
    if not attachments:
        return message_text(text), ()
    return caption(text), named(attachments)


def named(attachments: Sequence[NamedAttachment]) -> Named:
    """Each once, with its description in NFC or none. Raises Invalid, which names the field."""
    if len(attachments) > MAX_ATTACHMENTS:
        raise Invalid([FieldError("/attachments", f"must have at most {MAX_ATTACHMENTS} entries")])
    normal: dict[str, NamedAttachment] = {}
    for place, one in enumerate(attachments):
        pointer = f"/attachments/{place}"
        if not _ID.match(one.id):
            raise Invalid([FieldError(f"{pointer}/id", "is not the id of an attachment")])
        if one.id in normal:
            raise Invalid([FieldError(f"{pointer}/id", "is named twice")])
        normal[one.id] = NamedAttachment(one.id, _alt(one.alt or "", f"{pointer}/alt"))
    return tuple(normal.values())


def _alt(text: str, pointer: str) -> str | None:
    normal = composed(text, MAX_ALT_CODE_POINTS, pointer)
    if "\x00" in normal:
        raise Invalid([FieldError(pointer, "holds the character U+0000")])
    return None if is_blank(normal) else normal.strip()
