"""What is stored instead of a token."""

from hashlib import sha256


def digest(token: str) -> bytes:
    """Its SHA-256: tokens are long and random, so no guess at one can be tried against it."""
    return sha256(token.encode()).digest()
