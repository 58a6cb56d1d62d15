"""The headers with which one program calls another, for tests that talk to a service directly."""

from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

from shared.plumbing import identity


class Tokens:
    """Signs as any program. keys_dir: the `keys_dir` of the service under test, so that it finds the keys.

    audience: the program that is called by default.
    """

    def __init__(self, keys_dir: Path, audience: str) -> None:
        self.keys_dir = keys_dir
        self.audience = audience
        self.signer = cache(self._signer)

    def program(self, name: str, audience: str = "") -> dict[str, str]:
        """The headers of a call that program `name` makes for itself."""
        return _headers(self.signer(name).token(audience or self.audience))

    def user(self, id: int, username: str, session: UUID | None = None, audience: str = "") -> dict[str, str]:
        """The headers of a call that the gateway forwards for a logged-in user."""
        user = identity.User(id, username, session or uuid4())
        return _headers(self.signer("gateway").token(audience or self.audience, user))

    def _signer(self, program: str) -> identity.Signer:
        signer, _ = identity.load(program, self.keys_dir, environ={})
        return signer


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
