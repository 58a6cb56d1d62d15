"""What one person keeps about a thread for themself, on all their devices. The other member learns none of it."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

Archived = Literal["until-new", "always"]
FOREVER = "forever"
"""In the place of the time until which a thread is muted."""


class Draft(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is typed and not sent, as it was typed. reply_to: the seq of the message that it is to answer."""

    text: str
    reply_to: int | UnsetType = UNSET


class MemberState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Other fields than revision are absent where they do not apply.

    revision: 0 while nothing was ever kept; each change has the next one, so of two states the later has the higher.
    muted_until: an RFC 3339 time, or "forever". archived: out of the list, "until-new": until the next message of
    either, after which it does not apply, at the same revision. archived_through: there with "until-new", the seq of
    the last message then. marked_unread: until the thread is read, on any device.
    """

    revision: int
    draft: Draft | UnsetType = UNSET
    muted_until: str | UnsetType = UNSET
    archived: Archived | UnsetType = UNSET
    archived_through: int | UnsetType = UNSET
    marked_unread: bool | UnsetType = UNSET
