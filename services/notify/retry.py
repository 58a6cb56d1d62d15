"""When a push that did not go through is tried again. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

TTL = timedelta(days=1)
"""From the event on; what is older is told to nobody."""

_FIRST = timedelta(seconds=2)
_LONGEST = timedelta(minutes=15)


def wait(
    failures: int, asked: timedelta | None, at: datetime, now: datetime, chance: float
) -> timedelta | None:
    """How long; None: not any more, it would come after its time.

    failures: before this one. asked: what the push service asks for. at: of the event. chance: 0 to 1.
    """
    backoff = min(_FIRST * 2 ** min(failures, 16), _LONGEST) * (0.75 + chance / 2)
    chosen = max(backoff, asked) if asked else backoff
    return chosen if now + chosen < at + TTL else None


def asked_for(header: str | None, now: datetime) -> timedelta | None:
    """Of a Retry-After: seconds, or a date."""
    if not header:
        return None
    if header.isascii() and header.isdigit():
        return timedelta(seconds=min(int(header[:9]), int(TTL.total_seconds())))
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(timedelta(0), (until if until.tzinfo else until.replace(tzinfo=UTC)) - now)
