"""What people keep about threads."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from services.threads.member_state import Kept
from shared.plumbing.postgres.database import Connection

Own = tuple[int, int]
"""Whose a state is, and the other member of the thread that it is about."""

COLUMNS = "s.revision, s.draft, s.reply_to, s.muted_until, s.archived_through, s.marked_unread"
"""Of member_states, there called s: what Kept is made of."""

_STATE = "SELECT * FROM member_states WHERE owner = own.owner AND peer = own.peer LIMIT 1"
_THREAD = """
SELECT * FROM threads WHERE low = least(own.owner, own.peer) AND high = greatest(own.owner, own.peer) LIMIT 1
"""
_ONE = f"""
SELECT own.owner, own.peer, t.last_message, {COLUMNS}
FROM (VALUES ($1::bigint, $2::bigint)) AS own (owner, peer)
LEFT JOIN LATERAL ({_STATE}) AS s ON true LEFT JOIN LATERAL ({_THREAD}) AS t ON true
"""  # noqa: S608  # a constant
_OF = f"""
SELECT own.owner, own.peer, t.last_message, {COLUMNS}
FROM (
    SELECT s.*, sum(coalesce(octet_length(s.draft), 0)) OVER (PARTITION BY own.owner ORDER BY own.n) AS size
    FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS own (owner, peer, n)
    CROSS JOIN LATERAL ({_STATE}) AS s
) AS s CROSS JOIN LATERAL (VALUES (s.owner, s.peer)) AS own (owner, peer)
LEFT JOIN LATERAL ({_THREAD}) AS t ON true
WHERE s.size <= $3
"""  # noqa: S608  # a constant
_KEEP = """
INSERT INTO member_states AS s
    (owner, peer, threadless, revision, draft, reply_to, muted_until, archived_through, marked_unread)
VALUES ($1, $2, $3, $4 + 1::bigint, $5, $6, $7, $8, $9)
ON CONFLICT (owner, peer) DO UPDATE SET
    revision = excluded.revision, draft = excluded.draft, reply_to = excluded.reply_to,
    muted_until = excluded.muted_until, archived_through = excluded.archived_through,
    marked_unread = excluded.marked_unread
WHERE s.revision = $4
RETURNING true
"""
_THREADLESS = "SELECT count(*) FROM member_states WHERE owner = $1 AND threadless"
_NO_LONGER = f"""
UPDATE member_states AS own SET threadless = false
WHERE own.owner = $1 AND own.threadless AND EXISTS ({_THREAD})
"""  # noqa: S608  # a constant


class Found(msgspec.Struct, frozen=True):
    """What `own` says about it. last_message: its seq, 0 while there is none; None: there is no thread."""

    own: Own
    last_message: int | None
    kept: Kept


async def one(conn: Connection, own: Own) -> Found:
    """At revision 0 if nothing was ever kept."""
    return _found(await conn.fetchrow(_ONE, *own))


async def of(conn: Connection, owns: Sequence[Own], most_bytes: int) -> list[Found]:
    """Without those of which nothing was ever kept, and of one person the first ones with so much in their drafts."""
    rows = await conn.fetch(_OF, [owner for owner, _ in owns], [peer for _, peer in owns], most_bytes)
    return [_found(row) for row in rows]


async def keep(conn: Connection, found: Found, wanted: Kept) -> bool:
    """Puts `wanted` in the place of what was found, at the next revision. False: it is another by now."""
    done = await conn.fetchval(
        _KEEP, *found.own, found.last_message is None, found.kept.revision,
        wanted.draft, wanted.reply_to, wanted.muted_until, wanted.archived_through, wanted.marked_unread,
    )  # fmt: skip
    return done is True


async def threadless(conn: Connection, owner: int, most: int) -> int:
    """How many of theirs are about threads that are not there; of `most` or more, first takes out those begun since."""
    count: int = await conn.fetchval(_THREADLESS, owner)
    if count >= most:
        await conn.execute(_NO_LONGER, owner)
        count = await conn.fetchval(_THREADLESS, owner)
    return count


def _found(row: Iterable[Any]) -> Found:
    owner, peer, last_message, revision, *kept = row
    return Found((owner, peer), last_message, Kept(revision, *kept) if revision else Kept())
