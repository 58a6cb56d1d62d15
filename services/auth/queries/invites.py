"""Invitations in PostgreSQL, each known by the hash of the token in its link. Times are the database's."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from shared.plumbing.postgres.database import Connection
from shared.wire import codec
from shared.wire.games import InvitedGame
from shared.wire.invites import Invited, InviteItem

LIFETIME = timedelta(days=7)
MAX_OPEN = 20
KEPT_WHEN_EXPIRED = timedelta(days=30)

_HOLD = "SELECT true FROM users WHERE id = $1 FOR NO KEY UPDATE"
_IS_OPEN = "used_at IS NULL AND taken_back_at IS NULL AND expires_at > now()"
_COUNT_OPEN = f"SELECT count(*) FROM invites WHERE inviter = $1 AND {_IS_OPEN}"  # noqa: S608  # a constant
_MAKE = """
INSERT INTO invites (inviter, token_hash, game, expires_at) VALUES ($1, $2, $3, now() + $4::interval)
RETURNING id, expires_at
"""
_LIST = f"""
SELECT id, created_at, expires_at, game FROM invites WHERE inviter = $1 AND {_IS_OPEN}
ORDER BY created_at DESC, id
"""  # noqa: S608  # a constant
_TAKE_BACK = f"UPDATE invites SET taken_back_at = now() WHERE inviter = $1 AND id = $2 AND {_IS_OPEN}"  # noqa: S608
_FIND = """
SELECT invites.id, inviter, username, display_name, CASE
        WHEN used_at IS NOT NULL THEN 'used'
        WHEN taken_back_at IS NOT NULL THEN 'taken-back'
        WHEN expires_at <= now() THEN 'expired'
        ELSE 'open'
    END, used_by, game
FROM invites JOIN users ON users.id = inviter WHERE token_hash = $1
"""
# The second of two at once waits for the first, and then finds it used.
_USE = f"""
UPDATE invites SET used_at = now(), used_by = $2 WHERE token_hash = $1 AND inviter <> $2 AND {_IS_OPEN}
"""  # noqa: S608  # a constant
_PURGE = """
DELETE FROM invites WHERE id IN (SELECT id FROM invites WHERE expires_at < now() - $1::interval LIMIT $2)
"""


class Made(msgspec.Struct, frozen=True):
    """A new invitation."""

    id: UUID
    expires_at: datetime


async def hold(conn: Connection, inviter: int) -> None:
    """Until the transaction ends, nobody else makes one for them: concurrent ones would not count each other."""
    await conn.execute(_HOLD, inviter)


async def count_open(conn: Connection, inviter: int) -> int:
    count: int = await conn.fetchval(_COUNT_OPEN, inviter)
    return count


async def make(conn: Connection, inviter: int, token_hash: bytes, game: InvitedGame | None) -> Made:
    """An invitation for seven days."""
    body = None if game is None else codec.encode(game).decode()
    return Made(*await conn.fetchrow(_MAKE, inviter, token_hash, body, LIFETIME))


async def open_of(conn: Connection, inviter: int) -> list[InviteItem]:
    """The newest first."""
    rows = await conn.fetch(_LIST, inviter)
    return [InviteItem(id, made, expires, _game(game)) for id, made, expires, game in rows]


async def take_back(conn: Connection, inviter: int, id: UUID) -> bool:
    """False if it is not an open one of the inviter's."""
    done: str = await conn.execute(_TAKE_BACK, inviter, id)
    return done == "UPDATE 1"


async def find(conn: Connection, token_hash: bytes) -> Invited | None:
    """None if there is none, or no more."""
    row: Iterable[Any] | None = await conn.fetchrow(_FIND, token_hash)
    if row is None:
        return None
    id, inviter, username, display_name, state, used_by, game = row
    return Invited(id, inviter, username, display_name, state, used_by, _game(game))


async def use(conn: Connection, token_hash: bytes, user: int) -> bool:
    """Whether it is now used by them; False if it is not open, or their own."""
    done: str = await conn.execute(_USE, token_hash, user)
    return done == "UPDATE 1"


async def purge(conn: Connection, batch: int) -> int:
    """Deletes up to `batch` that expired over 30 days ago; returns how many."""
    done: str = await conn.execute(_PURGE, KEPT_WHEN_EXPIRED, batch)
    return int(done.removeprefix("DELETE "))


def _game(body: str | None) -> InvitedGame | None:
    return None if body is None else codec.decode(body.encode(), InvitedGame)
