"""What people do to messages that are there: the kinds of events that a client may ask for, and their bodies."""

from typing import Annotated

import msgspec
from msgspec import Meta

from shared.wire.ids import MessageSeq

EDIT, DELETE, REACTION = "edit", "delete", "reaction"
MAX_EDITS = 50
"""Of one message."""


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """target: the seq of a message in the same thread."""

    target: MessageSeq


class Edit(_Body, frozen=True):
    """Gives a message of one's own another text; an empty or blank one takes it away where there are attachments."""

    text: Annotated[str, Meta(max_length=65_536)]


class Delete(_Body, frozen=True):
    """Takes a message of one's own away, with all its texts."""


class React(_Body, frozen=True):
    """Puts one emoji under a message in the place of the one before, or takes that back with null."""

    emoji: str | None


Change = Edit | Delete | React
BODIES: dict[str, type[Change]] = {EDIT: Edit, DELETE: Delete, REACTION: React}
"""By kind."""
