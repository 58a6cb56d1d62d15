"""How members stand to threads, for notices."""

from collections.abc import Sequence

import msgspec

from services.threads.member_state import Kept
from services.threads.queries import current
from shared.plumbing.postgres.database import Connection
from shared.wire.log_calls import Untold

_THREAD = """
SELECT id, last_message, CASE asked.owner WHEN low THEN high ELSE low END AS peer,
    CASE asked.owner WHEN low THEN low_read ELSE high_read END AS read
FROM threads WHERE id = asked.thread AND asked.owner IN (low, high) LIMIT 1
"""
_LATEST = """
SELECT * FROM events
WHERE thread_id = t.id AND kind = 'message' AND seq > greatest(t.read, asked.told) AND sender_id <> asked.owner
    AND deleted_at IS NULL
ORDER BY seq DESC LIMIT 1
"""
_OF = f"""
SELECT t.read, t.last_message, s.muted_until, s.archived_through, coalesce(e.seq, 0), coalesce(e.body, '')
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS asked (thread, owner, told, n)
LEFT JOIN LATERAL ({_THREAD}) AS t ON true
LEFT JOIN LATERAL (SELECT * FROM member_states WHERE owner = asked.owner AND peer = t.peer LIMIT 1) AS s ON true
LEFT JOIN LATERAL ({current.of(_LATEST)}) AS e ON true
ORDER BY asked.n
"""  # noqa: S608  # a constant


class Stands(msgspec.Struct, frozen=True):
    """last_message, seq: seqs. kept: what of it makes a thread quiet. text: of the message at `seq`, as it is now."""

    read: int
    last_message: int
    kept: Kept
    seq: int
    text: str


async def of(conn: Connection, asked: Sequence[Untold]) -> list[Stands | None]:
    """In the order of the question; None where they are no member of such a thread."""
    rows = await conn.fetch(
        _OF, [one.thread for one in asked], [one.user for one in asked], [one.told for one in asked]
    )
    return [
        None
        if read is None
        else Stands(read, last, Kept(muted_until=muted, archived_through=archived), seq, text)
        for read, last, muted, archived, seq, text in rows
    ]
