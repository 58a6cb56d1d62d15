"""A timer of the kernel's: the event loop's own rounds to a millisecond, which is as long as what is measured."""

import asyncio
import ctypes
import os
import time
from collections.abc import Callable

_CLOCK_MONOTONIC = 1
_NONBLOCK = 0o4000
_ABSOLUTE = 1
_NS = 1_000_000_000
_LIBC = ctypes.CDLL(None, use_errno=True)


class _Timerspec(ctypes.Structure):
    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class Alarm:
    """Calls `ring` at a time of `time.monotonic`, as precisely as the kernel wakes us. Linux only."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._fd: int = _LIBC.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        loop.add_reader(self._fd, self._read)

    def set(self, at: float) -> None:
        """Rings once at `at`, at once if that has passed."""
        ns = max(int(at * _NS), time.monotonic_ns() + 1)
        spec = _Timerspec(0, 0, ns // _NS, ns % _NS)
        _LIBC.timerfd_settime(self._fd, _ABSOLUTE, ctypes.byref(spec), None)

    def close(self) -> None:
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _read(self) -> None:
        os.read(self._fd, 8)
        self._ring()
