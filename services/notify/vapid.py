"""Who we are to push services (RFC 8292): a key pair made at the first run, and tokens signed with it."""

import hmac
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)

from shared.plumbing.program_keys import create_private
from shared.plumbing.remembered import Remembered

_LIFETIME_S = 12 * 3600
_REUSE_S = 10 * 3600
_MAX_TOKENS = 1000
_TOPIC_CHARACTERS = 32
_PEM, _PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


class Vapid:
    """contact: a `mailto:` or https address for the push service's people."""

    def __init__(self, key: EllipticCurvePrivateKey, contact: str) -> None:
        self._key = key
        self._contact = contact
        self._tokens: Remembered[str, tuple[float, str]] = Remembered(_MAX_TOKENS)
        number = key.private_numbers().private_value.to_bytes(32, "big")
        self._topic_key = hmac.digest(number, b"duet topics", sha256)
        self.public_key = text_of(
            key.public_key().public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            )
        )

    def authorization(self, origin: str) -> str:
        """The header for a push service, good for two hours at least and twelve at most."""
        now = time.time()
        known = self._tokens.get(origin)
        if known is None or not 0 <= now - known[0] < _REUSE_S:
            claims = {"aud": origin, "exp": int(now) + _LIFETIME_S, "sub": self._contact}
            known = now, jwt.encode(claims, self._key, algorithm="ES256")
            self._tokens.put(origin, known)
        return f"vapid t={known[1]}, k={self.public_key}"

    def topic(self, user: int, thread: int) -> str:
        """Stands for a thread at a push service, which cannot tell which, nor that two people have the same one."""
        return text_of(hmac.digest(self._topic_key, f"{user}/{thread}".encode(), sha256))[:_TOPIC_CHARACTERS]


def load(directory: Path, contact: str) -> Vapid:
    """Makes the key (0600) at the first run. With another one, browsers have to subscribe anew."""
    path = directory / "notify.vapid.key"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        made = generate_private_key(SECP256R1())
        create_private(path, made.private_bytes(_PEM, _PKCS8, serialization.NoEncryption()))
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError(f"{path} must hold a P-256 key")
    return Vapid(key, contact)


def text_of(value: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()
