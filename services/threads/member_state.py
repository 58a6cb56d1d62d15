"""What a member keeps about a thread: what of it applies, and how it changes. Pure."""

from datetime import UTC, datetime

import msgspec
from msgspec import UNSET, UnsetType

from services.threads import moments
from shared.wire.http import ChangeState
from shared.wire.ids import MAX_SEQ
from shared.wire.member_state import FOREVER, Archived, Draft, MemberState
from shared.wire.problems import FieldError, Invalid
from shared.wire.text import draft_text

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_CHANGES = ("draft", "muted_until", "archived", "marked_unread")


class Kept(msgspec.Struct, frozen=True):
    """As it is stored. archived_through: a message after it ends that; of `always`, MAX_SEQ."""

    revision: int = 0
    draft: str | None = None
    reply_to: int | None = None
    muted_until: datetime | None = None
    archived_through: int | None = None
    marked_unread: bool = False


def applying(kept: Kept, last_message: int, now: datetime) -> MemberState:
    """What applies of it. last_message: its seq, 0 while there is none."""
    archived, through = _archived(kept.archived_through, last_message)
    return MemberState(
        kept.revision,
        draft=UNSET if kept.draft is None else Draft(kept.draft, kept.reply_to or UNSET),
        muted_until=_muted_until(kept.muted_until, now),
        archived=archived,
        archived_through=through,
        marked_unread=kept.marked_unread or UNSET,
    )


def _muted_until(moment: datetime | None, now: datetime) -> str | UnsetType:
    if moment is None or moment <= now:
        return UNSET
    return FOREVER if moment == _FOREVER else str(msgspec.to_builtins(moment))


def _archived(through: int | None, last_message: int) -> tuple[Archived | UnsetType, int | UnsetType]:
    if through is None or through < last_message:
        return UNSET, UNSET
    return ("always", UNSET) if through == MAX_SEQ else ("until-new", through)


def changed(kept: Kept, asked: ChangeState, last_message: int) -> Kept:
    """With what is asked for; at the same revision. Raises Invalid."""
    if all(getattr(asked, name) is UNSET for name in _CHANGES):
        raise Invalid([FieldError("", f"must hold one of {', '.join(_CHANGES)}")])
    draft, reply_to = (kept.draft, kept.reply_to) if asked.draft is UNSET else _draft(asked)
    return Kept(
        kept.revision,
        draft,
        reply_to,
        kept.muted_until if asked.muted_until is UNSET else _moment(asked.muted_until),
        kept.archived_through if asked.archived is UNSET else _through(asked.archived, last_message),
        kept.marked_unread if asked.marked_unread is UNSET else asked.marked_unread,
    )


def _draft(asked: ChangeState) -> tuple[str | None, int | None]:
    """A blank one is none."""
    if not asked.draft or not (text := draft_text(asked.draft.text, "/draft/text")):
        return None, None
    return text, asked.draft.reply_to


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    return _FOREVER if text == FOREVER else min(moments.parse(text, "/muted_until"), _FOREVER)


def _through(archived: Archived | None, last_message: int) -> int | None:
    if archived is None:
        return None
    return MAX_SEQ if archived == "always" else last_message
