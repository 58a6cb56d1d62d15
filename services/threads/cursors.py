"""Where a page ended: a time, and what distinguishes things that happened at the same time. Pure."""

from datetime import UTC, datetime, timedelta

import msgspec

from shared.wire.ids import MAX_SEQ, is_username
from shared.wire.problems import FieldError, Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Cursor(msgspec.Struct, frozen=True):
    """The last item of a page. peer: the username that its thread goes by. seq: 0 where threads are listed."""

    at: datetime
    peer: str
    seq: int = 0

    def text(self) -> str:
        """As the caller gets it and gives it back. It holds no id that the caller must not know."""
        return f"{(self.at - _EPOCH) // _MICROSECOND}~{self.peer}~{self.seq}"


def parse(text: str) -> Cursor:
    """Raises Invalid for a text that was never given out."""
    try:
        at, peer, seq = text.split("~")
        cursor = Cursor(_EPOCH + int(at) * _MICROSECOND, peer, int(seq))
    except (ValueError, OverflowError):
        cursor = None
    if cursor is None or not is_username(cursor.peer) or not 0 <= cursor.seq <= MAX_SEQ:
        raise Invalid([FieldError("?cursor", "is not a cursor of this list")])
    return cursor
