"""Private directories, and a place for sockets whose path the kernel accepts."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from shared.embedded.errors import EmbeddedError

LONGEST_SOCKET_PATH_BYTES = 100
"""The kernel allows 107 on Linux and 103 on macOS, without the final NUL."""

_NOTE = "sockets"
"""A link in the directory that is too long: it names the short one, so that a restart finds what the last run left."""

_READ_OR_WRITE_OF_OTHERS = 0o066  # not 0o077: an ACL that lets PostgreSQL's user through shows as group x


def private_directory(path: Path, owner_uid: int | None = None) -> Path:
    """`path`, made with its parents when missing, closed to everybody else.

    owner_uid: who else than ourselves may own it. Raises EmbeddedError when it cannot be made or is a stranger's."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"cannot make the directory {path}: {error.strerror}") from error
    status = path.stat()
    if not {path.lstat().st_uid, status.st_uid} <= {
        os.geteuid(),
        owner_uid,
    }:  # a link, too, must be one of our own
        raise EmbeddedError(f"{path} is no directory of our own")
    if status.st_mode & _READ_OR_WRITE_OF_OTHERS:
        path.chmod(0o700)
    return path


def socket_directory(wanted: Path, longest_name: str, owner_uid: int | None = None) -> Path:
    """`wanted`, or a short private directory when `wanted/longest_name` is too long for a socket.

    The short one has a name that nobody can guess and take before us, as /tmp is open to all. `wanted` remembers it."""
    wanted = private_directory(wanted.absolute(), owner_uid)
    if _fits(wanted / longest_name):
        return wanted
    note = wanted / _NOTE
    while True:
        with contextlib.suppress(OSError, EmbeddedError):
            return _existing(note.readlink(), owner_uid)
        note.unlink(missing_ok=True)  # /tmp was emptied, and somebody else may have the name by now
        with contextlib.suppress(FileExistsError):  # another program of ours was faster
            note.symlink_to(_short_directory(longest_name))


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST_SOCKET_PATH_BYTES


def _existing(path: Path, owner_uid: int | None) -> Path:
    """Raises OSError, EmbeddedError unless it is there and ours."""
    if not stat.S_ISDIR(path.lstat().st_mode):
        raise EmbeddedError(f"{path} is no directory")
    return private_directory(path, owner_uid)


def _short_directory(longest_name: str) -> Path:
    usual = Path(tempfile.mkdtemp(prefix="duet-"))
    if _fits(usual / longest_name):
        return usual
    usual.rmdir()
    return Path(tempfile.mkdtemp(prefix="duet-", dir="/tmp"))
