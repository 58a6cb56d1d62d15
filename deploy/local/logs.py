"""One log file a program, kept small."""

import shutil
from pathlib import Path
from typing import IO

ROTATE_AT_BYTES = 20 * 1024 * 1024
_TAIL_BYTES = 16 * 1024


def open_log(path: Path) -> IO[bytes]:
    """For appending. Append mode is what lets `rotate` shorten the file under a writing program."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    rotate(path)
    return path.open("ab")


def rotate(path: Path) -> None:
    """Moves what was written into `<path>.1` once it is long; lines written meanwhile may be lost.

    With no room for `<path>.1` all are: the disk is full, perhaps of this very log."""
    if path.exists() and path.stat().st_size > ROTATE_AT_BYTES:
        old = path.with_name(f"{path.name}.1")
        try:
            shutil.copyfile(path, old)
        except OSError:
            old.unlink(missing_ok=True)
        with path.open("r+b") as file:
            file.truncate(0)


def tail(path: Path, since_byte: int = 0, lines: int = 15) -> str:
    """The last lines written after `since_byte`, indented for the terminal; "" if there are none."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(since_byte if since_byte <= end else 0, end - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
