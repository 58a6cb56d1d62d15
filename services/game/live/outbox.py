"""SQL for the events to post."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from shared.plumbing.postgres.database import Connection

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
    """seqs: where each row is in the log. refused: rows that the log will never take."""
    await conn.execute(_FORGET, [*seqs, *refused], [*seqs.values(), *(0 for _ in refused)])
