"""What PostgreSQL holds at the end: the one place that reads the service's own tables."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

_EVENTS = """
SELECT thread_id, seq, sender_id, client_id, kind, body FROM threads.events
WHERE thread_id IN (SELECT thread_id FROM threads.events WHERE client_id = ANY($1::uuid[]))
ORDER BY thread_id, seq
"""
_HEADS = "SELECT id, head FROM threads.threads WHERE id = ANY($1::bigint[])"


@dataclass(frozen=True)
class Stored:
    """An event as it stands in the log. sender: auth's id."""

    seq: int
    sender: int
    client_id: str
    kind: str
    text: str


@dataclass(frozen=True)
class StoredThread:
    """events: by seq. head: what the thread's own row says."""

    id: int
    head: int
    events: list[Stored]


async def threads_of(connection: Any, client_ids: list[str]) -> list[StoredThread]:
    """Every thread that holds one of these client_ids, whole."""
    events: dict[int, list[Stored]] = defaultdict(list)
    for row in await connection.fetch(_EVENTS, [UUID(text) for text in client_ids], timeout=120):
        stored = Stored(row["seq"], row["sender_id"], str(row["client_id"]), row["kind"], str(row["body"]))
        events[row["thread_id"]].append(stored)
    heads = {row["id"]: row["head"] for row in await connection.fetch(_HEADS, list(events))}
    return [StoredThread(id, heads.get(id, -1), found) for id, found in events.items()]
