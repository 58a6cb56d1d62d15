"""A Lua script on a Redis server: one round trip for what depends on what it finds there."""

import hashlib
from collections.abc import Sequence
from typing import Any

from redis.exceptions import NoScriptError

from shared.plumbing.redis.connection import RedisConnection, Word


class Script:
    """source: Lua 5.1. Sent as its hash, and in full only when the server does not know it, as after a restart."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._hash = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    async def run(self, connection: RedisConnection, *arguments: Word, key: str = "") -> Any:
        """arguments: what the script finds in ARGV. key: its KEYS[1], if it works on that one alone, as in a cluster.

        Raises as `RedisConnection.ask`.
        """
        keys = (1, key) if key else (0,)
        try:
            [answer] = await connection.ask(("EVALSHA", self._hash, *keys, *arguments))
        except NoScriptError:
            [answer] = await connection.ask(("EVAL", self._source, *keys, *arguments))
        return answer

    async def run_each(self, connection: RedisConnection, calls: Sequence[tuple[Word, ...]]) -> list[Any]:
        """An answer for each key with its arguments, in one round trip. Raises as `RedisConnection.ask`."""
        answers = await connection.ask_each(*(("EVALSHA", self._hash, 1, *call) for call in calls))
        unknown = [at for at, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        repeated = await connection.ask(*(("EVAL", self._source, 1, *calls[at]) for at in unknown))
        for at, answer in zip(unknown, repeated, strict=True):
            answers[at] = answer
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers
