"""Which messages name which attachments, and what goes with the last name."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from shared.plumbing.postgres.database import Connection

_NAME = """
INSERT INTO names SELECT thread, seq, id
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) AS said (thread, seq, sender, attachment)
JOIN attachments ON id = attachment AND owner = sender
ON CONFLICT DO NOTHING
"""
_NAMED = """
UPDATE attachments SET named = true
WHERE id = ANY ($1) AND NOT named AND EXISTS (SELECT FROM names WHERE attachment = id)
"""
_UNNAME = """
DELETE FROM names USING unnest($1::bigint[], $2::bigint[]) AS gone (thread, seq)
WHERE names.thread = gone.thread AND names.seq = gone.seq RETURNING names.thread, names.seq, attachment
"""
_REMOVE_NAMELESS = """
WITH gone AS (
    DELETE FROM attachments WHERE id = ANY ($1) AND NOT EXISTS (SELECT FROM names WHERE attachment = id)
    RETURNING whole, small
)
INSERT INTO loose SELECT key, now() FROM gone, unnest(ARRAY[whole, small]) AS key WHERE key IS NOT NULL
"""
_DOUBT = """
INSERT INTO doubts SELECT d.* FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS d (owner, peer, at)
WHERE EXISTS (
    SELECT FROM attachments AS a WHERE a.owner = d.owner AND a.peer = d.peer AND NOT named AND claimed_at < d.at
)
"""
_DOUBTED = """
SELECT id FROM attachments AS a JOIN doubts AS d ON a.owner = d.owner AND a.peer = d.peer
WHERE NOT named AND claimed_at < d.at AND d.at < now() - $1::interval FOR UPDATE OF a
"""
_SETTLE = "DELETE FROM doubts WHERE at < now() - $1::interval"
# A claim that is under way holds the row; it is looked at again next time.
_UNNAMED = """
SELECT id FROM attachments
WHERE NOT named AND created_at < now() - $1::interval
    AND (claimed_at IS NULL OR claimed_at < now() - $2::interval)
ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED
"""
_CLAIMED_PAIRS = "SELECT DISTINCT owner, peer FROM attachments WHERE claimed_at IS NOT NULL ORDER BY 1, 2"
_OF_THREAD = "DELETE FROM names WHERE thread = $1 RETURNING attachment"


class Name(msgspec.Struct, frozen=True):
    """A message names an attachment."""

    thread: int
    seq: int
    sender: int
    attachment: str


class Deletion(msgspec.Struct, frozen=True):
    """Of the message at `seq`, which `sender` had sent to `peer`."""

    thread: int
    seq: int
    sender: int
    peer: int
    at: datetime


async def name(conn: Connection, names: Sequence[Name]) -> None:
    """Writes down what messages name; what is not the sender's, or is gone, they do not."""
    columns = zip(*(msgspec.structs.astuple(one) for one in names), strict=True)
    await conn.execute(_NAME, *map(list, columns))
    await conn.execute(_NAMED, [one.attachment for one in names])


async def unname(conn: Connection, deletions: Sequence[Deletion]) -> None:
    """The messages are deleted, and what only they named goes with them. Of those not known to name any, see doubts."""
    asked = [one.thread for one in deletions], [one.seq for one in deletions]
    rows = await conn.fetch(_UNNAME, *asked)
    await remove_nameless(conn, [row["attachment"] for row in rows])
    known = {(row["thread"], row["seq"]) for row in rows}
    unknown = [one for one in deletions if (one.thread, one.seq) not in known]
    if unknown:
        doubted = [one.sender for one in unknown], [one.peer for one in unknown], [one.at for one in unknown]
        await conn.execute(_DOUBT, *doubted)


async def remove_nameless(conn: Connection, ids: Sequence[str]) -> None:
    """Removes those of these that no message names, and lets their blobs loose."""
    if ids:
        await conn.execute(_REMOVE_NAMELESS, ids)


async def doubted(conn: Connection, after: timedelta) -> list[str]:
    """What was claimed for messages that may have been deleted before the log was read, so long after that."""
    return [row["id"] for row in await conn.fetch(_DOUBTED, after)]


async def settle(conn: Connection, after: timedelta) -> None:
    """Those doubts are over."""
    await conn.execute(_SETTLE, after)


async def unnamed(conn: Connection, age: timedelta, since_claimed: timedelta, limit: int) -> list[str]:
    """What no message has named for so long."""
    return [row["id"] for row in await conn.fetch(_UNNAMED, age, since_claimed, limit)]


async def claimed_pairs(conn: Connection) -> list[tuple[int, int]]:
    """Who has ever claimed something for whom."""
    return [(row["owner"], row["peer"]) for row in await conn.fetch(_CLAIMED_PAIRS)]


async def rename(conn: Connection, thread: int, names: Sequence[Name]) -> None:
    """These are all the names of a thread; what only others named goes."""
    before = [row["attachment"] for row in await conn.fetch(_OF_THREAD, thread)]
    if names:
        await name(conn, names)
    await remove_nameless(conn, before)
