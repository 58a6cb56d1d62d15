"""What may be appended. Pure."""

import re
from collections.abc import Sequence
from enum import Enum

import msgspec

from shared.wire import change_decoder, naming
from shared.wire.changes import BODIES, Change
from shared.wire.games import GAME
from shared.wire.link import AppendItem
from shared.wire.messages import JOINED, MESSAGE
from shared.wire.naming import Named
from shared.wire.previews import PREVIEW, Preview
from shared.wire.problems import (
    Ahead,
    Conflict,
    FieldError,
    Forbidden,
    Gone,
    Invalid,
    NotAMessage,
    NotFound,
    NotYours,
    Problem,
    Stale,
    TooManyEdits,
)
from shared.wire.text import MAX_TEXT_CODE_POINTS

MAX_BODY_CODE_POINTS = 16_384
"""For an event other than a message."""


class Outcome(Enum):
    """What became of an item, by the letters of `append_each`; from AHEAD on, why it was not stored."""

    NEW = b"n"
    REPEATED = b"r"
    CONFLICT = b"c"
    AHEAD = b"a"
    NOT_A_MESSAGE = b"m"
    NOT_YOURS = b"y"
    GONE = b"g"
    TOO_MANY_EDITS = b"e"
    STALE = b"s"
    NO_TEXT = b"t"


_AUTHORS = {GAME: "game", JOINED: "gateway", PREVIEW: "notify"}
"""Who alone appends events of a kind; all others come from relays."""

_KIND = re.compile(r"[a-z][a-z0-9._-]{0,31}\Z")
_json = msgspec.json.Decoder()
_REFUSALS: dict[Outcome, tuple[type[Problem], str]] = {
    Outcome.AHEAD: (Ahead, "is beyond the end of the thread"),
    Outcome.NOT_A_MESSAGE: (NotAMessage, "is not a message"),
    Outcome.NOT_YOURS: (NotYours, "is somebody else's message"),
    Outcome.GONE: (Gone, "is deleted"),
    Outcome.TOO_MANY_EDITS: (TooManyEdits, "has been edited as often as it may"),
    Outcome.STALE: (Stale, "has another text by now"),
}


def checked(item: AppendItem) -> tuple[str, int, Named]:
    """The body as the log holds it, the target, the attachments. Raises Invalid for what the log cannot hold.

    The text of a message must be in its normal form. The target of a change is the one in its body.
    """
    if item.attachments and item.kind != MESSAGE:
        raise Invalid([FieldError("/attachments", "can only go with a message")])
    if item.kind in BODIES or item.kind == PREVIEW:
        change = _change(item.kind, item.body)
        return change_decoder.encode(change), change.target, ()
    if item.kind == MESSAGE:
        if "\x00" in item.body:
            raise Invalid([FieldError("/text", "holds the character U+0000")])
        if (not item.body and not item.attachments) or len(item.body) > MAX_TEXT_CODE_POINTS:
            raise Invalid([FieldError("/text", f"must have 1 to {MAX_TEXT_CODE_POINTS} characters")])
        return item.body, item.target, naming.named(item.attachments) if item.attachments else ()
    if "\x00" in item.body:
        raise Invalid([FieldError("/body", "holds the character U+0000")])
    if not _KIND.match(item.kind):
        raise Invalid([FieldError("/kind", "is not the name of a kind")])
    if len(item.body) > MAX_BODY_CODE_POINTS:
        raise Invalid([FieldError("/body", f"is longer than {MAX_BODY_CODE_POINTS} characters")])
    try:
        _json.decode(item.body)
    except (msgspec.DecodeError, RecursionError):
        raise Invalid([FieldError("/body", "is not JSON")]) from None
    return item.body, 0, ()


def _change(kind: str, body: str) -> Change | Preview:
    return change_decoder.decode_preview(body) if kind == PREVIEW else change_decoder.decode(kind, body)


def check_author(program: str, items: Sequence[AppendItem]) -> None:
    """Raises Forbidden for events of a kind that another program appends."""
    if any(_AUTHORS.get(item.kind, "relay") != program for item in items):
        raise Forbidden(f"{program} may not append events of that kind")


def to_oneself() -> Invalid:
    """There is no thread with oneself."""
    return Invalid([FieldError("/to", "is yourself")], "That is you")


def to_nobody() -> NotFound:
    """No account has the name."""
    return NotFound("Nobody has this name", errors=[FieldError("/to", "is nobody's name")])


def in_path(problem: Problem) -> Problem:
    """The same for a call in which the path, not the body, says to whom."""
    problem.errors = [
        FieldError("{username}", error.detail) if error.pointer == "/to" else error
        for error in problem.errors
    ]
    return problem


def used_for_another() -> Conflict:
    """The client_id is in the log with another text, target or kind, or with other attachments."""
    return Conflict(errors=[FieldError("/client_id", "was used for another text")])


def refusal(outcome: Outcome, kind: str) -> Problem | None:
    """Why an event of that kind was not stored; None if it was, now or before."""
    if outcome is Outcome.CONFLICT:
        return used_for_another()
    if outcome is Outcome.NO_TEXT:
        return Invalid([FieldError("/body/text", "is blank")])
    if outcome not in _REFUSALS:
        return None
    problem, detail = _REFUSALS[outcome]
    return problem(errors=[FieldError("/reply_to" if kind == MESSAGE else "/body/target", detail)])


def without_text(kind: str, body: str) -> str:
    """The body of a message, an edit or a preview as it is in the log once the message is deleted."""
    return "" if kind == MESSAGE else change_decoder.redacted(_change(kind, body))


def not_storable(kind: str) -> Invalid:
    """PostgreSQL refused this one row, an event of that kind."""
    return Invalid([FieldError("/text" if kind == MESSAGE else "/body", "cannot be stored")])
