"""How much each person has stored."""

from collections.abc import Sequence

from shared.plumbing.postgres.database import Connection

# A text counts as it was written, and is taken off with the delete that emptied it: in whichever order they are read.
_ADD = """
INSERT INTO usage (user_id, bytes)
SELECT e.sender_id, %s sum(
    octet_length(e.body) + coalesce(octet_length(e.attachments), 0) + coalesce(e.freed, 0) + 200
    - coalesce(gone.bytes, 0)
)
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS grown (thread_id, first, head)
CROSS JOIN LATERAL (
    SELECT * FROM events
    WHERE thread_id = grown.thread_id AND seq BETWEEN grown.first AND grown.head
    OFFSET 0
) AS e
LEFT JOIN LATERAL (
    SELECT sum(freed) AS bytes FROM (
        SELECT freed FROM events WHERE thread_id = e.thread_id AND seq = e.target
        UNION ALL
        SELECT freed FROM events WHERE thread_id = e.thread_id AND target = e.target AND kind = 'edit'
        UNION ALL
        SELECT freed FROM events WHERE thread_id = e.thread_id AND target = e.target AND kind = 'preview'
    ) AS emptied
) AS gone ON e.kind = 'delete'
GROUP BY e.sender_id
ON CONFLICT (user_id) DO UPDATE SET bytes = usage.bytes + excluded.bytes
"""
_COUNT = _ADD % ""
_UNCOUNT = _ADD % "-"
_OF = "SELECT user_id, bytes FROM usage WHERE user_id = ANY ($1::bigint[])"
_AT_LEAST = "SELECT user_id FROM usage WHERE bytes >= $1"


async def count(conn: Connection, ranges: Sequence[tuple[int, int, int]]) -> None:
    """Adds these new events, as (thread, first seq, last seq), to what their senders have stored."""
    threads, firsts, lasts = zip(*ranges, strict=True)
    await conn.execute(_COUNT, threads, firsts, lasts)


async def uncount(conn: Connection, ranges: Sequence[tuple[int, int, int]]) -> None:
    """Takes off what `count` has added for these: they are counted once more, elsewhere."""
    threads, firsts, lasts = zip(*ranges, strict=True)
    await conn.execute(_UNCOUNT, threads, firsts, lasts)


async def at_least(conn: Connection, size: int) -> frozenset[int]:
    """Who has stored so many bytes or more."""
    return frozenset(user for (user,) in await conn.fetch(_AT_LEAST, size))


async def of(conn: Connection, users: Sequence[int]) -> dict[int, int]:
    """How many bytes each of these has stored, of those who have any."""
    return dict(await conn.fetch(_OF, users))
