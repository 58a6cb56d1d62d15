"""`python -m services.auth reset-password USER`, for the operator: a new random password, and everyone out."""

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping

import asyncpg

from services.auth.hashing import Asker, hasher
from services.auth.queries import devices, sessions, users
from shared.plumbing.postgres.database import database
from shared.plumbing.postgres.errors import StatementFailed
from shared.plumbing.settings.known import SettingError, one
from shared.wire.ids import fold, is_username
from shared.wire.problems import Unavailable

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look like another
_GROUPS = 4
_GROUP_LENGTH = 5  # 4 x 5 of 31 letters: 99 bits
_VARIABLES = ("DUET_AUTH_POSTGRES_URL", "DUET_POSTGRES_URL")


class CannotReset(Exception):
    """No such user, or no database."""


def main(arguments: list[str], environ: Mapping[str, str] = os.environ) -> int:
    """The exit status; the password goes to stdout, complaints to stderr."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m services.auth reset-password USER\n")
        return 2
    try:
        dsn = next(filter(None, (one(name, environ) for name in _VARIABLES)), None)
    except SettingError as error:
        sys.stderr.write(f"duet: {error}\n")
        return 2
    if dsn is None:
        sys.stderr.write(f"duet: {_VARIABLES[1]} is not set\n")
        return 2
    try:
        password = asyncio.run(reset(dsn, arguments[0]))
    except CannotReset as error:
        sys.stderr.write(f"duet: {error}\n")
        return 1
    sys.stdout.write(f"{password}\n")
    return 0


async def reset(dsn: str, typed: str) -> str:
    """The user's new password; all their sessions end. Raises CannotReset."""
    username, password = fold(typed), random_password()
    with hasher() as hashing:
        hashed = await hashing.hash(password, Asker(username, owns=True))
    try:
        async with database(dsn, "auth", None, max_size=1) as db, db.transaction() as conn:
            user = await users.set_password(conn, username, hashed) if is_username(username) else None
            if user is None:
                raise CannotReset(f"there is no user {typed}")
            await devices.forget_all(conn, user)
            await sessions.end_all(conn, user)
    except StatementFailed as error:
        if isinstance(error.__cause__, asyncpg.UndefinedTableError):
            raise CannotReset(f"there is no user {typed}: the database is new") from None
        raise CannotReset(f"the database cannot be used: {error.__cause__}") from error
    except (OSError, asyncpg.PostgresError, Unavailable) as error:
        raise CannotReset(f"the database cannot be used: {error}") from error
    return password


def random_password() -> str:
    """Four groups of five, easy to read out."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)
