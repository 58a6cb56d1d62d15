"""Threads of which a shard may hold rows, though they are not there: copied ahead, or left behind."""

from collections.abc import Iterable, Sequence

from services.threads.queries.moving import TABLES
from shared.plumbing.postgres.database import Connection

_STRAY = "INSERT INTO strays SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING"
_STRAYS = """
SELECT thread_id FROM strays WHERE thread_id > $1 AND NOT EXISTS (SELECT FROM threads WHERE id = thread_id)
ORDER BY thread_id LIMIT $2
"""
# Seqs have no gaps.
_WHOLE = """
SELECT id FROM threads AS t
WHERE id = ANY ($1::bigint[]) AND head = (SELECT count(*) FROM events WHERE thread_id = t.id)
"""
_TIDY = [
    f"""
    DELETE FROM {table} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM {table} WHERE thread_id = ANY ($1::bigint[]) LIMIT $2
    ))
    """  # noqa: S608  # a constant
    for table in TABLES
]
_TIDIED = "DELETE FROM strays WHERE thread_id = ANY ($1::bigint[])"


async def stray(conn: Connection, ids: Iterable[int]) -> None:
    """Other tables may hold rows of these threads, which are not here, or not yet."""
    await conn.execute(_STRAY, list(ids))


async def strays(conn: Connection, after: int, most: int) -> list[int]:
    """Threads of which rows may be here, though they are not."""
    return [thread for (thread,) in await conn.fetch(_STRAYS, after, most)]


async def whole(conn: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these threads that are here with all their events."""
    return {thread for (thread,) in await conn.fetch(_WHOLE, ids)}


async def tidy(conn: Connection, ids: Sequence[int], most: int) -> bool:
    """Deletes some rows of these threads; whether there may be more."""
    for statement in _TIDY:
        done = await conn.execute(statement, ids, most)
        if done != "DELETE 0":
            return True
    await conn.execute(_TIDIED, ids)
    return False
