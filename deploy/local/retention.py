"""Which backups are kept, and when the next one is due. Pure: dates and names only."""

import datetime
import re
from collections.abc import Iterable
from pathlib import Path

_NAME = re.compile(r"duet-(\d{8})-\d{6}(?:-\d+)?\.dump")
_AT = datetime.time(3)
"""UTC: when a daily one is made, and on Mondays a weekly one."""

EVERY = {
    "hour": datetime.timedelta(hours=1),
    "day": datetime.timedelta(days=1),
    "week": datetime.timedelta(weeks=1),
}


def superfluous(dumps: Iterable[Path], days: int, weeks: int) -> list[Path]:
    """All but those of the newest `days` days and the newest one of each of the newest `weeks` weeks.

    Days and weeks without a backup do not count, so a machine that was off for a month has lost nothing. What is
    named otherwise than backups are is never superfluous."""
    days_of = {dump: _day(match[1]) for dump in sorted(dumps) if (match := _NAME.fullmatch(dump.name))}
    newest_days = sorted(set(days_of.values()))[-days:]
    newest_of_week = {day.isocalendar()[:2]: dump for dump, day in days_of.items()}
    of_weeks = list(newest_of_week.values())[-weeks:] if weeks else []
    return [dump for dump, day in days_of.items() if day not in newest_days and dump not in of_weeks]


def due(last: datetime.datetime, every: str) -> datetime.datetime:
    """When the next one is to be made after that of `last` (UTC). every: of EVERY."""
    if every == "hour":
        return last.replace(minute=0, second=0, microsecond=0) + EVERY[every]
    next_time = last.replace(hour=_AT.hour, minute=0, second=0, microsecond=0)
    while next_time <= last or (every == "week" and next_time.weekday() != 0):
        next_time += EVERY["day"]
    return next_time


def _day(text: str) -> datetime.date:
    return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
