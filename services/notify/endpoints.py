"""What a browser may subscribe with: an address of a push service that is known, and keys that can be keys. Pure."""

import re
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from services.notify.queries.subscriptions import Target
from shared.wire.problems import FieldError, Invalid
from shared.wire.push import MAX_ENDPOINT, Subscribe

KNOWN = (
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.notify.windows.com",
    "web.push.apple.com",
    "*.push.apple.com",
)
"""Chromium and what is made of it, Firefox, Edge, Safari."""

_HTTPS = 443
_KEY_BYTES = 65
_SECRET_BYTES = 16
# So plain that all who read it read the same host: no user, no escapes or blanks before the path, no fragment.
_ENDPOINT = re.compile(
    r"https://(?P<host>[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:(?P<port>[1-9][0-9]{0,4}))?/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*\Z"
)
_BASE64 = re.compile(r"[A-Za-z0-9_-]*={0,2}\Z")


class Rule(msgspec.Struct, frozen=True):
    """A host at a port, or with `any_below` everything below it."""

    host: str
    port: int = _HTTPS
    any_below: bool = False

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """`host`, `*.host`, each with `:port` if it is another than 443."""
        name, _, port = text.strip().partition(":")
        return cls(name.removeprefix("*."), int(port or _HTTPS), name.startswith("*."))

    def allows(self, host: str, port: int) -> bool:
        fits = host.endswith(f".{self.host}") if self.any_below else host == self.host
        return fits and port == self.port


class Endpoints:
    """The push services that are spoken to."""

    def __init__(self, more: Sequence[str] = ()) -> None:
        self._rules = [Rule.parse(text) for text in (*KNOWN, *more)]

    def host(self, endpoint: str) -> str | None:
        """The host and port of an endpoint as they stand in it; None for one that is not allowed."""
        found = _ENDPOINT.match(endpoint)
        if found is None or len(endpoint) > MAX_ENDPOINT:
            return None
        host, port = found["host"], int(found["port"] or _HTTPS)
        if not any(rule.allows(host, port) for rule in self._rules):
            return None
        return f"{host}:{port}" if found["port"] else host

    def target(self, asked: Subscribe) -> Target:
        """Raises Invalid, which names what is wrong."""
        errors = []
        host = self.host(asked.endpoint)
        if host is None:
            errors.append(FieldError("/endpoint", "is not an address of a push service that is known here"))
        key, secret = _bytes(asked.keys.p256dh), _bytes(asked.keys.auth)
        if not _is_point(key):
            errors.append(FieldError("/keys/p256dh", "is not a point on the curve P-256"))
        if len(secret) != _SECRET_BYTES:
            errors.append(FieldError("/keys/auth", f"does not hold {_SECRET_BYTES} bytes in base64url"))
        if errors or host is None:
            raise Invalid(errors)
        return Target(asked.endpoint, host, key, secret)


def _bytes(text: str) -> bytes:
    """Of base64url, padded or not; empty for anything else."""
    if not _BASE64.match(text):
        return b""
    bare = text.rstrip("=")
    try:
        return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except NotBase64:
        return b""


def _is_point(key: bytes) -> bool:
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key)
    except ValueError:
        return False
    return len(key) == _KEY_BYTES
