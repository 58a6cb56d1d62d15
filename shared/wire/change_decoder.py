"""Changes to messages, between JSON and their normal form. Pure."""

from typing import TypeVar

import emoji

from shared.wire import codec
from shared.wire.changes import BODIES, Change, Delete, Edit, React
from shared.wire.previews import Preview, checked
from shared.wire.problems import FieldError, Invalid, Malformed
from shared.wire.text import caption

T = TypeVar("T")
_PRESENTATION = "\ufe0f"
_MAX_EMOJI_CODE_POINTS = 16
"""The longest of Unicode's has 10."""
_RGI = {
    sequence.replace(_PRESENTATION, ""): sequence
    for sequence, known in emoji.EMOJI_DATA.items()
    if known["status"] == emoji.STATUS["fully_qualified"]
}
"""Those that Unicode recommends for general interchange (UTS 51), by what keyboards may send in their place."""


def decode(kind: str, body: bytes | str) -> Change:
    """The change in its normal form. Raises Invalid, with a pointer to /kind, /body or a field of it."""
    if (of := BODIES.get(kind)) is None:
        raise Invalid([FieldError("/kind", f"must be one of {', '.join(BODIES)}")])
    change: Change = _decoded(body, of)
    if isinstance(change, Edit):
        return Edit(change.target, caption(change.text, "/body/text"))
    if isinstance(change, React) and change.emoji is not None:
        return React(change.target, _one_emoji(change.emoji))
    return change


def decode_preview(body: str) -> Preview:
    """What notify says of a message's first link: no change that anybody may ask for. Raises Invalid, as `decode`."""
    return checked(_decoded(body, Preview))


def encode(change: Change | Preview) -> str:
    """The body as it is in the log: the same for equal changes, so that a repeat is known."""
    return codec.encode(change).decode()


def redacted(change: Change | Preview) -> str:
    """The body of an edit or a preview as it stays in the log once the message is deleted."""
    return codec.encode(Delete(change.target)).decode()


def _decoded(body: bytes | str, of: type[T]) -> T:
    try:
        return codec.decode(body, of)
    except Malformed:
        raise Invalid([FieldError("/body", "is not JSON")]) from None
    except Invalid as invalid:
        raise Invalid(
            [FieldError(f"/body{error.pointer}", error.detail) for error in invalid.errors]
        ) from None


def _one_emoji(text: str) -> str:
    """The fully qualified form of `text`."""
    known = _RGI.get(text.replace(_PRESENTATION, "")) if len(text) <= _MAX_EMOJI_CODE_POINTS else None
    if known is None:
        raise Invalid([FieldError("/body/emoji", "must be one emoji")])
    return known
