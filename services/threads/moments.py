"""A moment as a caller names it: an RFC 3339 date, which begins at midnight UTC, or time. Pure."""

import re
from datetime import UTC, datetime

import msgspec

from shared.wire.problems import FieldError, Invalid

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def parse(text: str, pointer: str = "?at") -> datetime:
    """In UTC. Raises Invalid for anything else, such as a time without an offset."""
    try:
        at = msgspec.convert(f"{text}T00:00:00Z" if _DATE.match(text) else text, datetime)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        pass
    raise Invalid([FieldError(pointer, "must be a date or a time as in RFC 3339")])
