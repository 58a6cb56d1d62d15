"""A node's Redis stream, as its writers see it: hints and notices, one entry a node and batch."""

from collections.abc import Mapping

from redis import asyncio as aioredis

from shared.plumbing.directory import stream_of
from shared.plumbing.redis import Redis
from shared.wire import codec
from shared.wire.log import StreamEntry

FIELD = b"e"
"""The one field of an entry; its value is the JSON of a StreamEntry."""

MAX_LENGTH = 10_000
"""About how many entries a stream keeps; what is trimmed is caught up from the log."""


async def publish(redis: Redis, entries: Mapping[str, StreamEntry]) -> None:
    """Adds one entry to the stream of each node, in one pipeline; nothing while Redis is away."""
    if not entries:
        return
    encoded = {stream_of(node): codec.encode(entry) for node, entry in entries.items()}

    async def add(_: aioredis.Redis) -> None:
        await redis.pipe.ask(
            *(
                ("XADD", stream, "MAXLEN", "~", MAX_LENGTH, "*", FIELD, entry)
                for stream, entry in encoded.items()
            )
        )

    await redis.attempt(add, None)
