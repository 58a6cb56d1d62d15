"""The system user that PostgreSQL runs as when we are root, and the directories it must reach."""

import contextlib
import os
import pwd
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.embedded.errors import EmbeddedError

USERNAME = "pgserver"

_ACL = "system.posix_acl_access"
_ACL_VERSION = 2
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY_IN_PARTICULAR = 0xFFFFFFFF
_SEARCH = 1


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def owns(self, path: Path) -> bool:
        return path.stat().st_uid == self.uid

    def spawn_options(self) -> dict[str, Any]:
        """Keyword arguments for subprocess.Popen and asyncio's create_subprocess_exec; {} when it is our own user."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def postgres_account() -> Account:
    """Our own user; when we are root, the system user `pgserver`, made when it is first needed.

    PostgreSQL refuses to run as root. Raises EmbeddedError when no user can be made."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    with contextlib.suppress(KeyError):
        return _named(USERNAME)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USERNAME]
    try:
        made = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise EmbeddedError(
            f"PostgreSQL does not run as root and useradd is missing: make a user {USERNAME!r}, "
            "or start Duet as an ordinary user"
        ) from None
    try:
        return _named(USERNAME)  # two of us may have raced: all that matters is that it is there
    except KeyError:
        raise EmbeddedError(f"cannot make the system user {USERNAME!r}: {made.stderr.strip()}") from None


def _named(name: str) -> Account:
    entry = pwd.getpwnam(name)
    return Account(entry.pw_uid, entry.pw_gid)


def let_through(path: Path, account: Account) -> None:
    """Lets the account pass through every directory above `path`, without listing it.

    A home directory stays closed to everybody else: the right is an ACL entry for this one user; only a file
    system without ACLs gets a plain o+x."""
    if not account.spawn_options():
        return
    for directory in path.resolve().parents:
        if not _may_search(directory, account):
            _grant_search(directory, account)


def _may_search(directory: Path, account: Account) -> bool:
    status = directory.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    for tag, rights, who in _acl(directory):
        if (tag, who) == (_USER, account.uid):
            return bool(rights & status.st_mode >> 3 & _SEARCH)  # with an ACL the group bits are its mask
    return bool(status.st_mode & (0o010 if status.st_gid == account.gid else 0o001))


def _grant_search(directory: Path, account: Account) -> None:
    entries = [entry for entry in _acl(directory) if entry[::2] != (_USER, account.uid)]
    mode = directory.stat().st_mode
    if not entries:
        entries = [
            (_OWNER, mode >> 6 & 7, _NOBODY_IN_PARTICULAR),
            (_GROUP, mode >> 3 & 7, _NOBODY_IN_PARTICULAR),
            (_OTHERS, mode & 7, _NOBODY_IN_PARTICULAR),
        ]
    mask = next((rights for tag, rights, _ in entries if tag == _MASK), mode >> 3 & 7) | _SEARCH
    entries = [entry for entry in entries if entry[0] != _MASK]
    entries += [(_USER, _SEARCH, account.uid), (_MASK, mask, _NOBODY_IN_PARTICULAR)]
    packed = b"".join(struct.pack("<HHI", *entry) for entry in sorted(entries))
    try:
        os.setxattr(directory, _ACL, struct.pack("<I", _ACL_VERSION) + packed)
    except (OSError, AttributeError):
        directory.chmod(mode & 0o7777 | 0o001)


def _acl(directory: Path) -> list[tuple[int, int, int]]:
    """(tag, rights, id) of each entry; [] where there is no ACL."""
    try:
        packed = os.getxattr(directory, _ACL)
    except (OSError, AttributeError):
        return []
    return list(struct.iter_unpack("<HHI", packed[4:]))
