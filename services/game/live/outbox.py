"""SQL of the events to post, and of the games that the service must see to by itself."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from shared.plumbing.postgres import Connection
from shared.wire import codec
from shared.wire.games import Game

_OLDEST = """
SELECT id, game_id, version, client_id, sender, sender_name, to_name, body FROM outbox ORDER BY id LIMIT $1
"""
# A game's first event says where the game stands in its thread.
_FORGET = """
WITH gone AS (
    DELETE FROM outbox USING unnest($1::bigint[], $2::bigint[]) AS done (id, seq)
    WHERE outbox.id = done.id RETURNING outbox.game_id, outbox.version, done.seq
)
UPDATE games SET seq = gone.seq FROM gone WHERE games.id = gone.game_id AND gone.version = 1 AND gone.seq > 0
"""
# A game that is taken is due again after a while, in case whoever took it dies.
_TAKE = """
UPDATE games SET due_at = clock_timestamp() + $2::interval WHERE id = ANY (ARRAY(
    SELECT id FROM games WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
)) RETURNING state
"""
_NEXT_DUE = "SELECT min(due_at) - clock_timestamp() FROM games WHERE due_at IS NOT NULL"


class Noted(msgspec.Struct, frozen=True):
    """A change of a game as an event to append. body: JSON of the Game."""

    id: int
    game_id: UUID
    version: int
    client_id: UUID
    sender: int
    sender_name: str
    to_name: str
    body: str


async def oldest(conn: Connection, limit: int) -> list[Noted]:
    return [Noted(*row) for row in await conn.fetch(_OLDEST, limit)]


async def forget(conn: Connection, seqs: Mapping[int, int], refused: Sequence[int]) -> None:
    """seqs: where the log has each row. refused: rows that it will never take."""
    await conn.execute(_FORGET, [*seqs, *refused], [*seqs.values(), *(0 for _ in refused)])


async def take_due(conn: Connection, limit: int, lease: timedelta) -> list[Game]:
    """Games whose time has come, each to one caller at a time."""
    return [codec.decode(state, Game) for (state,) in await conn.fetch(_TAKE, limit, lease)]


async def next_due(conn: Connection) -> timedelta | None:
    """How long until a game is due; negative if one is."""
    found: timedelta | None = await conn.fetchval(_NEXT_DUE)
    return found
