"""Accounts in PostgreSQL."""

from collections.abc import Iterable
from typing import Any

import msgspec

from shared.plumbing.postgres.database import Connection
from shared.wire.accounts import Profile, Seeing


class Account(msgspec.Struct, frozen=True):
    """An account with what it takes to log in. password: a hash in the PHC string format."""

    id: int
    username: str
    display_name: str
    password: str


_BY_USERNAME = "SELECT id, username, display_name, password FROM users WHERE username = $1"
_BY_ID = "SELECT id, username, display_name, password FROM users WHERE id = $1"
_ADD = """
INSERT INTO users (username, display_name, name_folded, password) VALUES ($1, $2, $3, $4)
ON CONFLICT (username) DO NOTHING
RETURNING id, username, display_name, password
"""
_RENAME = "UPDATE users SET display_name = $2, name_folded = $3 WHERE id = $1 RETURNING username"
_REPLACE_PASSWORD = "UPDATE users SET password = $3 WHERE id = $1 AND password = $2"  # noqa: S105
_SET_PASSWORD = "UPDATE users SET password = $2 WHERE username = $1 RETURNING id"  # noqa: S105
_HOLD = "SELECT true FROM users WHERE id = $1 AND password = $2 FOR SHARE"
PROFILE = """users.id, users.username, users.display_name, CASE WHEN users.show_last_seen THEN users.last_seen END,
    users.link_previews, users.show_read_receipts, users.show_typing, users.show_last_seen"""
"""What `profile` is made of. When somebody was here does not leave this service unless they show it."""

_PROFILES_BY_NAME = f"SELECT {PROFILE} FROM users WHERE username = ANY($1::text[])"  # noqa: S608  # a constant
_PROFILES_BY_ID = f"SELECT {PROFILE} FROM users WHERE id = ANY($1::bigint[])"  # noqa: S608  # a constant
# Two relays may name the same users, so rows are locked in a fixed order.
_SEEN = """
WITH held AS (SELECT id FROM users WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE)
UPDATE users SET last_seen = now() FROM held WHERE users.id = held.id
"""


async def by_username(conn: Connection, username: str) -> Account | None:
    """username: folded."""
    row = await conn.fetchrow(_BY_USERNAME, username)
    return Account(**row) if row else None


async def by_id(conn: Connection, user: int) -> Account | None:
    row = await conn.fetchrow(_BY_ID, user)
    return Account(**row) if row else None


async def add(
    conn: Connection, username: str, display_name: str, name_folded: str, password: str
) -> Account | None:
    """The new account; None if the name is taken, also if a concurrent sign-up commits first."""
    row = await conn.fetchrow(_ADD, username, display_name, name_folded, password)
    return Account(**row) if row else None


async def rename(conn: Connection, user: int, display_name: str, name_folded: str) -> str | None:
    """Their username, which stays; None if there is no such account."""
    username: str | None = await conn.fetchval(_RENAME, user, display_name, name_folded)
    return username


async def replace_password(conn: Connection, user: int, old: str, new: str) -> bool:
    """False if the stored hash is no longer `old`. Both are hashes."""
    done: str = await conn.execute(_REPLACE_PASSWORD, user, old, new)
    return done == "UPDATE 1"


async def set_password(conn: Connection, username: str, new: str) -> int | None:
    """The user whose hash is now `new`; None if nobody has that name."""
    user: int | None = await conn.fetchval(_SET_PASSWORD, username, new)
    return user


async def hold(conn: Connection, user: int, password: str) -> bool:
    """Locks the account's hash until the transaction ends; False if it has already changed."""
    return bool(await conn.fetchval(_HOLD, user, password))


async def profiles_by_name(conn: Connection, usernames: Iterable[str]) -> list[Profile]:
    """usernames: folded. Unknown ones are left out; in no order."""
    return [profile(row) for row in await conn.fetch(_PROFILES_BY_NAME, list(usernames))]


async def profiles_by_id(conn: Connection, users: Iterable[int]) -> list[Profile]:
    """Unknown ones are left out; in no order."""
    return [profile(row) for row in await conn.fetch(_PROFILES_BY_ID, list(users))]


def profile(row: Iterable[Any]) -> Profile:
    """Of the columns PROFILE."""
    user, username, display_name, last_seen, link_previews, *seeing = row
    return Profile(user, username, display_name, last_seen, Seeing(*seeing), link_previews)


async def seen(conn: Connection, users: Iterable[int]) -> None:
    """These users are connected now."""
    await conn.execute(_SEEN, list(users))
