"""The keys that blobs are sealed with: DUET_FILES_KEY, or a file that is made at the first run.

One a line; the first one seals. A restored backup adds its own, so that what it brings back can be opened.
"""

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from services.media.blobs.sealing import KEY_BYTES, Keys, key_name
from shared.plumbing.program_keys import create_private
from shared.plumbing.settings.known import one

NAME = "files.key"


def load(directory: Path, environ: Mapping[str, str] = os.environ) -> Keys:
    """directory: of the programs' keys. Raises ValueError for what is no key."""
    if text := one("DUET_FILES_KEY", environ):
        return decode(text)
    path = directory / NAME
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        create_private(path, _encode(os.urandom(KEY_BYTES)))
    return decode(path.read_text())


def add(directory: Path, others: Keys) -> None:
    """Opens, from now on, what these have sealed."""
    known = load(directory, {})
    path, new = directory / NAME, directory / f"{NAME}.new"
    new.unlink(missing_ok=True)
    create_private(new, encode({**known, **others}))
    new.replace(path)


def decode(text: str) -> Keys:
    """Raises ValueError."""
    found = [base64.b64decode(line, validate=True) for line in text.split()]
    if not found or any(len(key) != KEY_BYTES for key in found):
        raise ValueError("must be 32 bytes in base64")
    return {key_name(key): key for key in found}


def encode(keys: Keys) -> bytes:
    return b"".join(map(_encode, keys.values()))


def _encode(key: bytes) -> bytes:
    return base64.b64encode(key) + b"\n"
