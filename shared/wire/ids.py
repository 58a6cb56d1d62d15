"""Identifiers: what names a user, a thread and a place in its log."""

import re
import secrets
import time
from typing import Annotated, NewType
from uuid import UUID

from msgspec import Meta

UserId = NewType("UserId", int)
"""int64, given by auth; never shown to a browser."""

ThreadId = NewType("ThreadId", int)
"""int64, given by threads; never shown to a browser."""

Seq = NewType("Seq", int)
"""Place of an event in its thread: 1, 2, 3 … without gaps; 0 stands before the first."""

MAX_SEQ = 2**63 - 1
AnySeq = Annotated[int, Meta(ge=0, le=MAX_SEQ)]
MessageSeq = Annotated[int, Meta(ge=1, le=MAX_SEQ)]

USERNAME_PATTERN = r"^[a-z0-9][a-z0-9_.\-]{2,31}$"
_USERNAME = re.compile(USERNAME_PATTERN.replace("$", r"\Z"))

NAME_AS_TYPED_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.\-]{2,31}$"
Username = Annotated[str, Meta(pattern=NAME_AS_TYPED_PATTERN, min_length=3, max_length=32)]
"""As typed: any case. `fold` gives the form that is stored and compared."""


def fold(username: str) -> str:
    """The stored form of a username: usernames are case-insensitive."""
    return username.lower()


def bare(name: str) -> str:
    """A name as somebody types it, without what is not part of it: blanks, and the @ that it is shown with."""
    return name.strip().lstrip("@＠ ")


def is_username(name: str) -> bool:
    """Whether `name` could be an account's name, in its stored form."""
    return _USERNAME.match(name) is not None


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562, version 7): 48 bits of Unix milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)
