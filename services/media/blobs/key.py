"""The installation's key, with which every blob is sealed: DUET_FILES_KEY, or a file made at the first run."""

import base64
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from services.media.blobs.sealing import KEY_BYTES
from shared.plumbing.identity import create_private

NAME = "files.key"


def load(directory: Path, environ: Mapping[str, str] = os.environ) -> bytes:
    """directory: of the programs' keys. Raises ValueError for what is no key."""
    if text := environ.get("DUET_FILES_KEY"):
        return decode(text)
    path = directory / NAME
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        create_private(path, encode(os.urandom(KEY_BYTES)))
    return decode(path.read_text())


def decode(text: str) -> bytes:
    """Raises ValueError."""
    key = base64.b64decode(text.strip(), validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("must be 32 bytes in base64")
    return key


def encode(key: bytes) -> bytes:
    return base64.b64encode(key) + b"\n"


def fingerprint(key: bytes) -> bytes:
    """Tells keys apart without telling what they are."""
    return sha256(b"duet.media.key" + key).digest()
