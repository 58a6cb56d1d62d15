"""Who calls: Ed25519 tokens (JWT) that one program signs for another.

The gateway signs for users; every other program only for itself. A token names its audience and lives 60 s
at most. Keys: DUET_SIGNING_KEY (PEM) and DUET_TRUSTED_KEYS (JSON, program -> PEM), or files in the keys directory.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

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
    """Signs this program's calls; a token is reused for half of its life."""

    def __init__(self, program: str, key: Ed25519PrivateKey) -> None:
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
        signed = jwt.encode(claims, self._key, algorithm=_ALGORITHM, headers={"kid": self.program})
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        self._cache[audience, user] = (now, signed)
        return signed


class Verifier:
    """Checks tokens meant for `audience`, each only once: a good one stays good until it expires."""

    def __init__(self, audience: str, keys: "KeyRing") -> None:
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
            return self._signed_with(self._keys.public(issuer), token, issuer)
        except jwt.InvalidSignatureError:
            if not self._keys.reread(issuer):
                raise
            return self._signed_with(self._keys.public(issuer), token, issuer)

    def _signed_with(self, key: bytes, token: str, issuer: str) -> dict[str, Any]:
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


class KeyRing:
    """The public keys of the programs; a file is read when its program first calls, or signs with another key."""

    def __init__(self, directory: Path, trusted: Mapping[str, str] | None = None) -> None:
        self._directory = directory
        self._trusted = trusted
        self._cache: dict[str, bytes] = {}

    def public(self, program: str) -> bytes:
        """PEM. Raises KeyError for a program that is not known."""
        if self._trusted is not None:
            return self._trusted[program].encode()
        if program not in PROGRAMS:
            raise KeyError(program)
        if program not in self._cache:
            self.reread(program)
        return self._cache[program]

    def reread(self, program: str) -> bool:
        """Whether its file now holds another key than the one in use. program: a known one."""
        if self._trusted is not None:
            return False
        try:
            found = (self._directory / f"{program}.pub").read_bytes()
        except OSError:
            return False
        known = self._cache.get(program)
        self._cache[program] = found
        return found != known


PROGRAMS = frozenset({"gateway", "auth", "threads", "relay", "game", "notify", "media"})


def load(program: str, directory: Path, environ: Mapping[str, str] = os.environ) -> tuple[Signer, KeyRing]:
    """This program's signer and everyone's public keys; makes the key pair (0600) at the first run."""
    trusted = environ.get("DUET_TRUSTED_KEYS")
    ring = KeyRing(directory, public_keys(trusted) if trusted else None)
    if pem := environ.get("DUET_SIGNING_KEY"):
        return Signer(program, private_key(pem.encode())), ring
    path = directory / f"{program}.key"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        encoding, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
        create_private(path, key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no_password))
    # Two relays may start at once: the first file linked is the key of both.
    key = private_key(path.read_bytes())
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    public_path = directory / f"{program}.pub"
    if not public_path.exists() or public_path.read_bytes() != public:
        public_path.unlink(missing_ok=True)
        create_private(public_path, public)
    return Signer(program, key), ring


def public_keys(text: str) -> Mapping[str, str]:
    """Program -> PEM, from JSON. Raises ValueError, TypeError."""
    try:
        keys = msgspec.json.decode(text, type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise ValueError("not a JSON object of strings") from error
    for pem in keys.values():
        serialization.load_pem_public_key(pem.encode())
    return keys


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
