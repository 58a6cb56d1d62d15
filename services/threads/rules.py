"""What may be appended. Pure."""

import re
from collections.abc import Sequence

import msgspec

from shared.wire.games import GAME
from shared.wire.log import AppendItem
from shared.wire.messages import MESSAGE
from shared.wire.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, Problem
from shared.wire.text import MAX_TEXT_CODE_POINTS

MAX_BODY_CODE_POINTS = 16_384
"""For an event other than a message."""

_KIND = re.compile(r"[a-z][a-z0-9._-]{0,31}\Z")
_json = msgspec.json.Decoder()


def check(item: AppendItem) -> None:
    """Raises Invalid for what the log cannot hold. The text of a message must be in its normal form."""
    if "\x00" in item.body:
        raise Invalid([FieldError("/text", "holds the character U+0000")])
    if item.kind == MESSAGE:
        if not 0 < len(item.body) <= MAX_TEXT_CODE_POINTS:
            raise Invalid([FieldError("/text", f"must have 1 to {MAX_TEXT_CODE_POINTS} characters")])
        return
    if not _KIND.match(item.kind):
        raise Invalid([FieldError("/kind", "is not the name of a kind")])
    if len(item.body) > MAX_BODY_CODE_POINTS:
        raise Invalid([FieldError("/body", f"is longer than {MAX_BODY_CODE_POINTS} characters")])
    try:
        _json.decode(item.body)
    except (msgspec.DecodeError, RecursionError):
        raise Invalid([FieldError("/body", "is not JSON")]) from None


def check_author(program: str, items: Sequence[AppendItem]) -> None:
    """Raises Forbidden unless events of games come from the game service, and everything else from elsewhere."""
    if any((item.kind == GAME) != (program == "game") for item in items):
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
    """The client_id is in the log with another text or kind."""
    return Conflict(errors=[FieldError("/client_id", "was used for another text")])


def not_storable() -> Invalid:
    """PostgreSQL refused this one row."""
    return Invalid([FieldError("/text", "cannot be stored")])
