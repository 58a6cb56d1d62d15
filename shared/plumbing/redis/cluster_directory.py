"""The directory and the streams in a cluster, where a script would find only what is with its own server.

Plain commands of one key each, those of one primary in one write. A hint costs a look at its users and then a write,
where one server does both in a script; leases are remembered for as long as they last.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from shared.plumbing.redis.client import Lease, Redis
from shared.plumbing.redis.connection import Word
from shared.plumbing.redis.script import Script

Item = tuple[str, str, int, int, bytes]
"""What is to be told: its kind (d or n), the node that knows already, two users (the second may be 0), its JSON."""

_LOOK_AGAIN_S = 0.5
"""As long as it is not asked again who holds a lease that somebody else was found to hold."""

_LIVED = Script(
    """
local time = redis.call('TIME')
return redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
"""
)

# ARGV: how many ms a life is remembered. For each: node and epoch, ms since its renewal.
_LIVES = Script(
    """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
local lives, found = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'), {}
for i = 1, #lives, 2 do
  table.insert(found, lives[i])
  table.insert(found, now - lives[i + 1])
end
return found
"""
)

# ARGV: node, epoch, seconds it lasts. The entries before.
_JOINED = Script(
    """
local before = redis.call('HGETALL', KEYS[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return before
"""
)

# ARGV: node. The entries that are left.
_LEFT = Script(
    """
redis.call('HDEL', KEYS[1], ARGV[1])
return redis.call('HGETALL', KEYS[1])
"""
)


def lease_of(node: str) -> str:
    """The Redis key of a node's lease."""
    return f"duet:lease:{node}"


async def nodes_of(redis: Redis, users: Sequence[int], *, exactly: bool) -> dict[int, list[str]]:
    """The live nodes that hold each user. exactly: look at every lease anew.

    A user whose primary is away is left out; that is noted.
    """
    entries = await redis.hot.ask_each(*(("HGETALL", f"duet:user:{user}") for user in users))
    return await _live_of(redis, users, entries, exactly=exactly)


async def join(redis: Redis, node: str, epoch: str, ttl_s: int, users: Sequence[int]) -> set[int]:
    """Writes an entry for each; those whom a live node held before. A user's entries are read as they are written."""
    calls = [(f"duet:user:{user}", node, epoch, ttl_s) for user in users]
    return set(await _live_of(redis, users, await _JOINED.run_each(redis.hot, calls), exactly=True))


async def leave(redis: Redis, node: str, users: Sequence[int]) -> set[int]:
    """Removes the entry of each; those whom another live node holds. Read in the same step, too."""
    left = await _LEFT.run_each(redis.hot, [(f"duet:user:{user}", node) for user in users])
    return set(await _live_of(redis, users, left, exactly=True))


async def _live_of(
    redis: Redis, users: Sequence[int], entries: Sequence[Any], *, exactly: bool
) -> dict[int, list[str]]:
    held: dict[int, list[tuple[str, bytes]]] = {}
    for user, fields in zip(users, entries, strict=True):
        if isinstance(fields, Exception):
            redis.note(fields)
        elif fields:
            words = iter(fields)
            held[user] = [(node.decode(), epoch) for node, epoch in zip(words, words, strict=True)]
    lives = {life for found in held.values() for life in found}
    await _look(redis, lives, exactly=exactly)
    now, places = time.monotonic(), {}
    for user, found in held.items():
        if nodes := [node for node, epoch in found if _live(redis.leases.get(node), epoch, now)]:
            places[user] = nodes
    return places


def _live(lease: Lease | None, epoch: bytes, now: float) -> bool:
    return lease is not None and lease.epoch == epoch and now < lease.until


def _known(lease: Lease | None, epoch: bytes, now: float) -> bool:
    """Whether it need not be asked again if that life holds it."""
    if lease is None:
        return False
    return _live(lease, epoch, now) or now < lease.looked_at + _LOOK_AGAIN_S


async def _look(redis: Redis, lives: Iterable[tuple[str, bytes]], *, exactly: bool) -> None:
    now = time.monotonic()
    nodes = list({node for node, epoch in lives if exactly or not _known(redis.leases.get(node), epoch, now)})
    answers = iter(
        await redis.hot.ask_each(
            *(words for node in nodes for words in (("GET", lease_of(node)), ("PTTL", lease_of(node))))
        )
    )
    for node, epoch, left_ms in zip(nodes, answers, answers, strict=True):
        if isinstance(epoch, Exception) or isinstance(left_ms, Exception):
            redis.note(epoch if isinstance(epoch, Exception) else left_ms)
        else:
            redis.leases[node] = Lease(epoch, now + left_ms / 1000, now)


async def renew(redis: Redis, node: str, epoch: str, lease_ms: int) -> bytes | None:
    """The epoch that held the lease before."""
    [before] = await redis.hot.ask(("SET", lease_of(node), epoch, "PX", lease_ms, "GET"))
    await _LIVED.run(redis.hot, f"{node} {epoch}", key="duet:lives")
    held: bytes | None = before
    return held


async def lives(redis: Redis, kept_ms: int) -> list[Any]:
    """For each life: node and epoch, whether it holds its lease, ms since its renewal."""
    found = await _LIVES.run(redis.hot, kept_ms, key="duet:lives")
    names = [tuple(life.decode().split()) for life in found[::2]]
    leases = await redis.hot.ask(*(("GET", lease_of(node)) for node, _ in names))
    said: list[Any] = []
    for life, (_, epoch), lease, renewed_ms in zip(found[::2], names, leases, found[1::2], strict=True):
        said += (life, lease == epoch.encode(), renewed_ms)
    return said


async def held_by(redis: Redis, node: str, epoch: str, users: Sequence[int]) -> list[int]:
    """Those with an entry of that life, each followed by how many live nodes hold them."""
    entries = await redis.hot.ask(*(("HGET", f"duet:user:{user}", node) for user in users))
    held = [user for user, entry in zip(users, entries, strict=True) if entry == epoch.encode()]
    places = await nodes_of(redis, held, exactly=True)
    return [number for user in held for number in (user, len(places.get(user, ())))]


async def publish(
    redis: Redis, items: Sequence[Item], log: bytes, most: int, limit: Sequence[Word], kept_ms: int
) -> None:
    """As the script of streams does. log: as JSON. limit: of a stream's length.

    Raises the first error, after all that could be written was.
    """
    users = list({user: None for item in items for user in item[2:4] if user})
    places = await nodes_of(redis, users, exactly=False)
    waiting: defaultdict[str, list[tuple[list[bytes], list[bytes]]]] = defaultdict(list)
    for kind, asking, one, other, text in items:
        told = {asking}
        for user in (one, other):
            for node in places.get(user, ()):
                if node not in told:
                    told.add(node)
                    _add(waiting[node], kind, text, most)
    commands: list[tuple[Word, ...]] = []
    for node, entries in waiting.items():
        stream = f"duet:stream:{node}"
        for deliveries, notices in entries:
            entry = b"[[" + b",".join(deliveries) + b"],[" + b",".join(notices) + b"]," + log + b"]"
            commands.append(("XADD", stream, *limit, "*", "e", entry))
        commands.append(("PEXPIRE", stream, kept_ms))
    await redis.hot.ask(*commands)


def _add(entries: list[tuple[list[bytes], list[bytes]]], kind: str, text: bytes, most: int) -> None:
    if not entries or sum(map(len, entries[-1])) == most:
        entries.append(([], []))
    entries[-1][kind == "n"].append(text)
