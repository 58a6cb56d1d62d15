"""Where the tests keep their files: in memory, where there is room for them.

A test has a database of its own, which is some three hundred files, and ext4 looks long for each of them among the many
that were deleted just before: `ext4_create` had a twelfth of the processors when perf looked into a run. Over a whole
run it is 3 % of their time.
"""

import os
import tempfile
from pathlib import Path

import psutil

_MEMORY = Path("/dev/shm")  # noqa: S108 - what is put there has names of its own, made by tempfile
_GIB = 1024**3
_LEAST_FREE = 4 * _GIB
_LEAST_AVAILABLE = 8 * _GIB


def keep_in_memory() -> None:
    """From now on temporary files of this process and of those that it starts are in memory; else where they were.

    Not where TMPDIR says another place, the machine has no such directory, or less than four GiB there and eight in
    all. Nor where nothing may be run from there, as in a container: a package is tried out by its command.
    """
    if "TMPDIR" not in os.environ and _has_room():
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # it has looked already


def _has_room() -> bool:
    if not os.access(_MEMORY, os.W_OK):
        return False
    there = os.statvfs(_MEMORY)
    return (
        not there.f_flag & os.ST_NOEXEC
        and there.f_bavail * there.f_frsize >= _LEAST_FREE
        and psutil.virtual_memory().available >= _LEAST_AVAILABLE
    )
