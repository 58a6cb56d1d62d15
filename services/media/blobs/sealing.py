"""How a blob is sealed: AES-256-GCM in chunks of 64 KiB, so that a part can be read without the rest.

A blob begins with its form, the name of the key it was sealed with, and a salt. That key and the salt make the blob's
own; a chunk's nonce is its number and whether it is the last, so that none can be moved, left out or cut off.
"""

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK_BYTES = 64 * 1024
KEY_BYTES = 32
_NAME_BYTES = 8
_FORM = b"DUET\x01"
_SALT_BYTES = 16
HEAD_BYTES = len(_FORM) + _NAME_BYTES + _SALT_BYTES
_TAG_BYTES = 16
_SEALED_CHUNK_BYTES = CHUNK_BYTES + _TAG_BYTES


class Damaged(Exception):
    """A blob that is not what was sealed, or was sealed with another key."""


Keys = Mapping[bytes, bytes]
"""The keys of an installation by their names. The first one seals, all of them open."""


def key_name(key: bytes) -> bytes:
    """Tells keys apart without telling what they are."""
    return sha256(b"duet.media.key" + key).digest()[:_NAME_BYTES]


class Seal:
    """Of one blob. head: its first bytes; made anew unless given. Raises Damaged for another form, an unknown key."""

    def __init__(self, keys: Keys, head: bytes = b"") -> None:
        self.head = head or _FORM + next(iter(keys)) + os.urandom(_SALT_BYTES)
        if len(self.head) != HEAD_BYTES or not self.head.startswith(_FORM):
            raise Damaged("not a sealed blob")
        key = keys.get(self.head[len(_FORM) : -_SALT_BYTES])
        if key is None:
            raise Damaged("sealed with a key that is not here")
        salt = self.head[-_SALT_BYTES:]
        self._cipher = AESGCM(HKDF(SHA256(), KEY_BYTES, salt, b"duet.media.blob").derive(key))

    def close(self, number: int, chunk: bytes, *, last: bool) -> bytes:
        """The chunk, sealed. All but the last have CHUNK_BYTES."""
        return self._cipher.encrypt(_nonce(number, last), chunk, None)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """What was sealed. Raises Damaged."""
        try:
            return self._cipher.decrypt(_nonce(number, last), sealed, None)
        except InvalidTag:
            raise Damaged(f"chunk {number} cannot be opened") from None


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def chunks(size: int) -> int:
    """How many a blob of `size` bytes (1 or more) has."""
    return -(-size // CHUNK_BYTES)


def sealed_size(size: int) -> int:
    """Of a blob of `size` bytes."""
    return HEAD_BYTES + size + chunks(size) * _TAG_BYTES


def place(number: int, size: int) -> tuple[int, int]:
    """Where a chunk is in a sealed blob of `size` bytes: start and stop."""
    start = HEAD_BYTES + number * _SEALED_CHUNK_BYTES
    return start, min(start + _SEALED_CHUNK_BYTES, sealed_size(size))


def covering(start: int, stop: int) -> Iterator[tuple[int, slice]]:
    """The chunks that hold the bytes from start to stop, and which part of each."""
    for number in range(start // CHUNK_BYTES, chunks(stop)):
        begins = number * CHUNK_BYTES
        yield number, slice(max(0, start - begins), min(CHUNK_BYTES, stop - begins))
