"""SQL for the games that the service must look after by itself: an AI's turn, a flag.

A game that is taken is due again after a lease, in case the process that took it dies; a live one renews it.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from shared.plumbing.postgres.database import Connection
from shared.wire import codec
from shared.wire.games import Game

AWAY = timedelta(seconds=3)
"""This long after the last beat nobody could play: the time is given back before anything else happens."""
_TAKE = """
UPDATE games SET due_at = clock_timestamp() + $2::interval WHERE id = ANY (ARRAY(
    SELECT id FROM games WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
)) RETURNING state
"""
_HOLD = """
UPDATE games SET due_at = clock_timestamp() + $3::interval FROM unnest($1::uuid[], $2::int[]) AS held (id, version)
WHERE games.id = held.id AND games.version = held.version
"""
_FOLLOWING = "SELECT min(due_at) - clock_timestamp() FROM games WHERE due_at IS NOT NULL"
_AWAY = "SELECT clock_timestamp() - at FROM beats"
_AWAY_LOCKED = f"{_AWAY} FOR UPDATE"
_BEAT = "UPDATE beats SET at = clock_timestamp()"
_TIMED = "SELECT state FROM games WHERE due_at IS NOT NULL"


async def take(conn: Connection, limit: int, lease: timedelta) -> list[Game]:
    """Games that are due, each given to one caller at a time."""
    return [codec.decode(state, Game) for (state,) in await conn.fetch(_TAKE, limit, lease)]


async def hold(conn: Connection, games: Mapping[UUID, int], lease: timedelta) -> None:
    """Renews the lease. games: id -> version; one that has changed since is left alone."""
    if games:
        await conn.execute(_HOLD, list(games), list(games.values()), lease)


async def following(conn: Connection) -> timedelta | None:
    """How long until a game is due; negative if one is."""
    found: timedelta | None = await conn.fetchval(_FOLLOWING)
    return found


async def away(conn: Connection, *, lock: bool = False) -> timedelta:
    """How long no process has looked after the games. lock: no other process beats until the transaction ends."""
    found: timedelta = await conn.fetchval(_AWAY_LOCKED if lock else _AWAY)
    return found


async def beat(conn: Connection) -> None:
    """Notes that a process looks after the games now."""
    await conn.execute(_BEAT)


async def timed(conn: Connection) -> list[Game]:
    """The games that are due at some time; those whose clock runs are among them."""
    return [codec.decode(state, Game) for (state,) in await conn.fetch(_TIMED)]
