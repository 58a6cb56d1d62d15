"""What PostgreSQL holds at the end: the one place that reads the service's own tables."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.wire.messages import MESSAGE
from tests.chaos.message import Content

_EVENTS = """
SELECT thread_id, seq, sender_id, client_id, kind, body, target, deleted_at FROM threads.events
WHERE thread_id IN (SELECT thread_id FROM threads.events WHERE client_id = ANY($1::uuid[]))
    AND (thread_id IN (SELECT id FROM threads.threads) OR thread_id NOT IN (SELECT thread_id FROM threads.strays))
ORDER BY thread_id, seq
"""
_HERE = """
SELECT client_id FROM threads.events
WHERE client_id = ANY($1::uuid[]) AND thread_id IN (SELECT id FROM threads.threads)
"""
_SLOTS = "SELECT cardinality(slots) FROM threads.settings"
_HEADS = "SELECT id, head FROM threads.threads WHERE id = ANY($1::bigint[])"


@dataclass(frozen=True)
class Stored:
    """An event as it stands in the log. sender: auth's id. deleted: its text was to be taken away."""

    seq: int
    sender: int
    client_id: str
    kind: str
    content: Content
    deleted: bool = False

    def is_of(self, content: Content) -> bool:
        """Whether this is what was sent or seen, perhaps while it had its text yet."""
        return self.content == (_without_text(content) if self.deleted else content)


@dataclass(frozen=True)
class StoredThread:
    """events: by seq. head: what the thread's own row says."""

    id: int
    head: int
    events: list[Stored]


async def threads_of(servers: Sequence[Any], client_ids: list[str]) -> list[StoredThread]:
    """Every thread that holds one of these client_ids, whole. servers: connections to all that hold a part of the log.

    A thread that two of them hold has the events of both; what is a rest of one that has moved away is nobody's.
    """
    events: dict[int, list[Stored]] = defaultdict(list)
    heads: dict[int, int] = {}
    for connection in servers:
        for row in await connection.fetch(_EVENTS, [UUID(text) for text in client_ids], timeout=120):
            events[row["thread_id"]].append(stored(row))
        heads |= {row["id"]: row["head"] for row in await connection.fetch(_HEADS, list(events))}
    return [StoredThread(id, heads.get(id, -1), found) for id, found in events.items()]


async def here(connection: Any, client_ids: Collection[str]) -> set[str]:
    """Those of them whose thread this server holds."""
    rows = await connection.fetch(_HERE, [UUID(text) for text in client_ids])
    return {str(row["client_id"]) for row in rows}


async def slots(connection: Any) -> int:
    """How many slots of the log this server holds."""
    held: int = await connection.fetchval(_SLOTS)
    return held


def stored(row: Any) -> Stored:
    """A row of `events`."""
    return Stored(
        row["seq"],
        row["sender_id"],
        str(row["client_id"]),
        row["kind"],
        _content(row),
        bool(row["deleted_at"]),
    )


def _content(row: Any) -> Content:
    if row["kind"] != MESSAGE:
        return dict(json.loads(row["body"]))
    text = {"text": row["body"]} if row["body"] or not row["deleted_at"] else {}
    return text | ({"reply_to": row["target"]} if row["target"] else {})


def _without_text(content: Content) -> Content:
    return {name: value for name, value in content.items() if name != "text"}
