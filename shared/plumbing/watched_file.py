"""A file that its owner may change while we run: a key that is replaced, a certificate that is renewed."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")
_LOOK_EVERY_S = 1.0
_Stamp = list[tuple[int, int, int]]


class WatchedFile(Generic[T]):
    """What it says, as `parse` makes it of its bytes. It is looked at when asked, at most once a second.

    others: files that it goes with, and that `parse` reads itself. A change that cannot be read, or that `parse`
    refuses (ValueError, TypeError), is logged, and what it said stays.
    """

    def __init__(self, path: Path, parse: Callable[[bytes], T], *others: Path) -> None:
        """Raises OSError, ValueError, TypeError."""
        self._path = path
        self._all = (path, *others)
        self._parse = parse
        self._stamp = self._now()
        self._value = parse(path.read_bytes())
        self._look_at = time.monotonic() + _LOOK_EVERY_S

    def get(self) -> T:
        if time.monotonic() >= self._look_at:
            self.look()
        return self._value

    def look(self) -> bool:
        """Whether it says something new."""
        self._look_at = time.monotonic() + _LOOK_EVERY_S
        try:
            stamp = self._now()
            if stamp == self._stamp:
                return False
            self._value = self._parse(self._path.read_bytes())
            self._stamp = stamp
        except (OSError, ValueError, TypeError) as error:
            structlog.get_logger().warning(
                "a file cannot be read: what it said before counts", file=self._path.name, error=repr(error)
            )
            return False
        structlog.get_logger().info("a file was read again", file=self._path.name)
        return True

    def _now(self) -> _Stamp:
        found = map(os.stat, self._all)
        return [(one.st_mtime_ns, one.st_ino, one.st_size) for one in found]
