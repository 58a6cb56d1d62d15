"""Who calls: Ed25519 tokens (JWT) that one program signs for another.

The gateway signs for users; every other program only for itself. A token names its audience and lives 60 s
at most. Keys: DUET_SIGNING_KEY (PEM) and DUET_TRUSTED_KEYS (JSON, program -> PEM), or files in the keys directory.
"""

import contextlib
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.plumbing.program_keys import GivenKeys, KeyRing, own_key, private_key
from shared.plumbing.settings.files import file_of
from shared.plumbing.settings.known import one
from shared.plumbing.watched_file import WatchedFile
from shared.wire.problems import Unauthenticated

GATEWAY = "gateway"
VOUCHED_HEADER = "X-Internal-User"
"""JSON of a User: next to the gateway's own token it says for whom a socket is opened. Signing and checking a token for
every socket would cost more than everything else about opening it."""

CHALLENGE_HEADER = "WWW-Authenticate"

LIFETIME_S = 60
_REUSE_S = 30
_CLOCK_LEEWAY_S = 5
_CACHE_SIZE = 20_000
_ALGORITHM = "EdDSA"


class User(msgspec.Struct, frozen=True):
    """A logged-in person, as the gateway vouches for them. session: the session's public id."""

    id: int
    username: str
    session: UUID


class Caller(msgspec.Struct, frozen=True):
    """The program that signed the call, and the user it calls for (only the gateway has one)."""

    program: str
    user: User | None = None


class BadToken(Unauthenticated):
    """The calling program is not believed. A header tells this 401 apart from that of a user who has to log in."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, headers={CHALLENGE_HEADER: "Bearer"})


class Signer:
    """Signs this program's calls; a token is reused for half of its life. key: asked for each time one is made."""

    def __init__(self, program: str, key: Callable[[], Ed25519PrivateKey]) -> None:
        self.program = program
        self._key = key
        self._cache: dict[tuple[str, User | None], tuple[float, str]] = {}

    def token(self, audience: str, user: User | None = None) -> str:
        """A token for one call to `audience`, on behalf of `user` if given."""
        now = time.time()
        cached = self._cache.get((audience, user))
        if cached and 0 <= now - cached[0] < _REUSE_S:
            return cached[1]
        claims: dict[str, object] = {
            "iss": self.program,
            "aud": audience,
            "iat": int(now),
            "exp": int(now) + LIFETIME_S,
        }
        if user is not None:
            claims |= {"sub": str(user.id), "name": user.username, "sid": str(user.session)}
        signed = jwt.encode(claims, self._key(), algorithm=_ALGORITHM, headers={"kid": self.program})
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        self._cache[audience, user] = (now, signed)
        return signed


class Verifier:
    """Checks tokens meant for `audience`, each only once: a good one stays good until it expires."""

    def __init__(self, audience: str, keys: KeyRing) -> None:
        self._audience = audience
        self._keys = keys
        self._cache: dict[str, tuple[float, Caller]] = {}

    def caller(self, token: str) -> Caller:
        """Raises BadToken for anything but a current token for this program by a known one."""
        now = time.time()
        cached = self._cache.get(token)
        if cached and now < cached[0]:
            return cached[1]
        try:
            issuer = str(jwt.get_unverified_header(token).get("kid", ""))
            claims = self._claims(token, issuer)
            caller = Caller(issuer, _user(issuer, claims))
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            raise BadToken("The caller's token is not valid") from error
        if claims["exp"] - claims["iat"] > LIFETIME_S:
            raise BadToken("The caller's token lives too long")
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        self._cache[token] = (float(claims["exp"]), caller)
        return caller

    def _claims(self, token: str, issuer: str) -> dict[str, Any]:
        """Raises PyJWTError, KeyError."""
        try:
            return self._signed_with_one(token, issuer)
        except (jwt.InvalidSignatureError, KeyError):
            if not self._keys.look(issuer):
                raise
            return self._signed_with_one(token, issuer)

    def _signed_with_one(self, token: str, issuer: str) -> dict[str, Any]:
        *others, last = self._keys.public(issuer)
        for key in others:
            with contextlib.suppress(jwt.InvalidSignatureError):
                return self._signed_with(key, token, issuer)
        return self._signed_with(last, token, issuer)

    def _signed_with(self, key: Ed25519PublicKey, token: str, issuer: str) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=self._audience,
            issuer=issuer,
            leeway=_CLOCK_LEEWAY_S,
            options={"require": ["iss", "aud", "exp", "iat"]},
        )


def _user(issuer: str, claims: Mapping[str, str]) -> User | None:
    if "sub" not in claims:
        return None
    if issuer != GATEWAY:
        raise ValueError("only the gateway speaks for users")
    return User(int(claims["sub"]), claims["name"], UUID(claims["sid"]))


def load(program: str, directory: Path, environ: Mapping[str, str] = os.environ) -> tuple[Signer, KeyRing]:
    """This program's signer and everyone's public keys; makes the key pair in `directory` at the first run."""
    trusted = one("DUET_TRUSTED_KEYS", environ)
    ring = GivenKeys(trusted, file_of("DUET_TRUSTED_KEYS", environ)) if trusted else KeyRing(directory)
    if file := file_of("DUET_SIGNING_KEY", environ):
        return Signer(program, WatchedFile(Path(file).expanduser(), private_key).get), ring
    if pem := one("DUET_SIGNING_KEY", environ):
        key = private_key(pem.encode())
        return Signer(program, lambda: key), ring
    return Signer(program, own_key(program, directory).get), ring
