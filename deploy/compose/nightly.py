"""`python -m deploy.compose.nightly`: a backup at once and then one each night; the newest fourteen are kept.

At once, so that a wrong setting is seen on the first day and not when the backup is needed."""

import datetime
import shutil
import signal
import threading
from pathlib import Path

from deploy.local.console import complain, say
from deploy.local.errors import CannotStart
from deploy.local.operate import Refused, backup
from deploy.local.settings import Settings, from_environment
from shared.embedded.errors import EmbeddedError

KEPT = 14
_HOUR_UTC = 3
_AGAIN_AFTER_S = 600.0


def main() -> None:
    """Until SIGTERM. A backup that fails is tried again after ten minutes."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = from_environment()
    wait_s = 0.0
    while not stop.wait(wait_s):
        wait_s = until_night_s(datetime.datetime.now(datetime.UTC)) if once(settings) else _AGAIN_AFTER_S


def once(settings: Settings) -> bool:
    """One backup, and forgets the oldest. Whether it was made."""
    try:
        made = backup(settings)
    except (CannotStart, EmbeddedError, Refused, OSError) as error:
        complain(f"No backup: {error}")
        return False
    say(f"Saved {made}")
    for old in oldest(made.parent):
        remove(old)
        say(f"Removed {old}")
    return True


def remove(dump: Path) -> None:
    """A backup, with its files."""
    dump.unlink(missing_ok=True)
    shutil.rmtree(dump.with_suffix(".files"), ignore_errors=True)


def oldest(directory: Path) -> list[Path]:
    """All backups but the newest KEPT. Their names begin with the time."""
    return sorted(directory.glob("duet-*.dump"))[:-KEPT]


def until_night_s(now: datetime.datetime) -> float:
    """Seconds until the next night's backup, never none."""
    night = now.replace(hour=_HOUR_UTC, minute=0, second=0, microsecond=0)
    return (night - now).total_seconds() if night > now else (night - now).total_seconds() + 24 * 3600


if __name__ == "__main__":
    main()
