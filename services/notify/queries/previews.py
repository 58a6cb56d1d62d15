"""The messages whose links wait to be looked at."""

from collections.abc import Sequence

import msgspec

from shared.plumbing.postgres.database import Connection

_MOST = 10_000
"""That wait at a time; whatever is sent beyond has no preview."""

_NOTE = """
INSERT INTO previews AS p (thread, seq, version, sender)
SELECT new.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS new (thread, seq, version, sender)
WHERE (SELECT count(*) FROM (SELECT FROM previews LIMIT $5) AS held) < $5
ORDER BY new.thread, new.seq
ON CONFLICT (thread, seq) DO UPDATE SET version = greatest(p.version, excluded.version)
"""
_NEXT = """
SELECT thread, seq, version, sender FROM (
    SELECT DISTINCT ON (sender) * FROM previews WHERE sender <> ALL ($1::bigint[]) ORDER BY sender, at, thread, seq
) AS first
ORDER BY at LIMIT $2
"""
_DONE = "DELETE FROM previews WHERE thread = $1 AND seq = $2 AND version = $3"


class Waiting(msgspec.Struct, frozen=True):
    """A message whose text the event `version` is, or changed last."""

    thread: int
    seq: int
    version: int
    sender: int


async def note(conn: Connection, found: Sequence[Waiting]) -> None:
    """Each message once: with the latest of its versions."""
    latest: dict[tuple[int, int], Waiting] = {}
    for one in sorted(found, key=lambda one: one.version):
        latest[one.thread, one.seq] = one
    columns = zip(*(msgspec.structs.astuple(one) for one in latest.values()), strict=True)
    await conn.execute(_NOTE, *columns, _MOST)


async def next_of_others(conn: Connection, busy: Sequence[int], limit: int) -> list[Waiting]:
    """Of each sender but these, the message that has waited longest."""
    return [Waiting(*row) for row in await conn.fetch(_NEXT, busy, limit)]


async def done(conn: Connection, waiting: Waiting) -> None:
    """Unless it was edited meanwhile."""
    await conn.execute(_DONE, waiting.thread, waiting.seq, waiting.version)
