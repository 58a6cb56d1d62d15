"""The keys that programs sign with and are known by: from a directory, or as settings (in files or not).

A program may have several public keys, so that it gets a new one without a failed call: whatever stands in a file is
read again when it has changed.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.plumbing.watched_file import WatchedFile

_PUBLIC_KEY = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)
PROGRAMS = frozenset({"gateway", "auth", "threads", "relay", "game", "notify", "media"})
PublicKeys = tuple[Ed25519PublicKey, ...]


class KeyRing:
    """The public keys of the programs, from a directory: a file is read when its program first calls."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: dict[str, WatchedFile[PublicKeys]] = {}

    def public(self, program: str) -> PublicKeys:
        """At least one. Raises KeyError for a program that is not known."""
        if program not in self._files:
            self.look(program)
        return self._files[program].get()

    def look(self, program: str) -> bool:
        """Whether there are other keys of it than there were."""
        if program in self._files:
            return self._files[program].look()
        if program not in PROGRAMS:
            return False
        try:
            self._files[program] = WatchedFile(self._directory / f"{program}.pub", _public_keys_in)
        except (OSError, ValueError, TypeError):
            return False
        return True


class GivenKeys(KeyRing):
    """Those of DUET_TRUSTED_KEYS. file: where that stands, if it stands in one."""

    def __init__(self, text: str, file: str) -> None:
        self._keys = public_keys(text)
        self._file = (
            WatchedFile(Path(file).expanduser(), lambda content: public_keys(content.decode()))
            if file
            else None
        )

    def public(self, program: str) -> PublicKeys:
        return (self._file.get() if self._file else self._keys)[program]

    def look(self, program: str) -> bool:
        return self._file is not None and self._file.look()


def public_keys(text: str) -> Mapping[str, PublicKeys]:
    """Program -> its keys, from JSON: a PEM, which may hold several, or a list. Raises ValueError, TypeError."""
    try:
        keys = msgspec.json.decode(text, type=dict[str, str | list[str]])
    except msgspec.MsgspecError as error:
        raise ValueError("not a JSON object of strings") from error
    return {program: _public_keys_in("".join(pems).encode()) for program, pems in keys.items()}


def _public_keys_in(pem: bytes) -> PublicKeys:
    """Raises ValueError, TypeError for anything that is no Ed25519 key, and if there is none."""
    keys = tuple(map(serialization.load_pem_public_key, _PUBLIC_KEY.findall(pem)))
    if not keys or _PUBLIC_KEY.sub(b"", pem).strip():
        raise ValueError("not PEM of public keys, one after another")
    for key in keys:
        if not isinstance(key, Ed25519PublicKey):
            raise TypeError("the public keys must be Ed25519")
    return cast("PublicKeys", keys)


def own_key(program: str, directory: Path) -> WatchedFile[Ed25519PrivateKey]:
    """Makes the pair (0600) at the first run."""
    path = directory / f"{program}.key"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        encoding, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
        create_private(path, made.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no_password))
    # Two relays may start at once: the first file linked is the key of both.
    key = WatchedFile(path, private_key)
    public = (
        key.get()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    public_path = directory / f"{program}.pub"
    # The next one may stand there already, beside it.
    if not public_path.exists() or public.strip() not in public_path.read_bytes():
        public_path.unlink(missing_ok=True)
        create_private(public_path, public)
    return key


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """Raises ValueError, TypeError for anything else."""
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("the signing key must be Ed25519")
    return key


def create_private(path: Path, content: bytes) -> None:
    """Writes the whole file or nothing, and never over an existing one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
