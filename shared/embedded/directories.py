"""Private directories, and a place for sockets whose path the kernel accepts."""

import hashlib
import os
import tempfile
from pathlib import Path

from shared.embedded.errors import EmbeddedError

LONGEST_SOCKET_PATH_BYTES = 100
"""The kernel allows 107 on Linux and 103 on macOS, without the final NUL."""

_READ_OR_WRITE_OF_OTHERS = 0o066  # not 0o077: an ACL that lets PostgreSQL's user through shows as group x


def private_directory(path: Path, owner_uid: int | None = None) -> Path:
    """`path`, made with its parents when missing, closed to everybody else.

    owner_uid: who else than ourselves may own it. Raises EmbeddedError when it cannot be made or is a stranger's."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"cannot make the directory {path}: {error.strerror}") from error
    status = path.stat()
    if status.st_uid not in {os.geteuid(), owner_uid}:
        raise EmbeddedError(f"{path} is no directory of our own")
    if status.st_mode & _READ_OR_WRITE_OF_OTHERS:
        path.chmod(0o700)
    return path


def socket_directory(wanted: Path, longest_name: str, owner_uid: int | None = None) -> Path:
    """`wanted`, or a short private directory when `wanted/longest_name` is too long for a socket.

    The short one follows from `wanted` alone, so a restart finds what the last run left."""
    wanted = wanted.absolute()
    if len(os.fsencode(wanted / longest_name)) <= LONGEST_SOCKET_PATH_BYTES:
        return private_directory(wanted, owner_uid)
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"duet-{os.geteuid()}-{digest}"
    if len(os.fsencode(short / longest_name)) > LONGEST_SOCKET_PATH_BYTES:
        short = Path("/tmp") / short.name  # noqa: S108 - private_directory refuses what is not ours
    if short.is_symlink():  # anybody may put one into /tmp
        raise EmbeddedError(f"{short} is no directory of our own")
    return private_directory(short, owner_uid)
