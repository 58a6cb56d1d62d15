"""Which relay nodes hold which users, in Redis.

A node has a lease (5 s) with its epoch, and writes that epoch into one hash a user. An entry counts while its
node's lease holds the same epoch, so what a dead node left behind is ignored.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from uuid import uuid4

from redis import asyncio as aioredis

from shared.plumbing.redis import Redis
from shared.plumbing.script import Script

LEASE_MS = 5000
_RENEW_S = 1.5
_REWRITE_EVERY = 20  # renewals, so 30 s
_ENTRY_TTL_S = 120
_MAX_USERS_A_CALL = 1000

NODES_OF = """
local leases, held = {}, {}
local function nodes_of(user)
  local nodes = held[user]
  if nodes ~= nil then return nodes end
  nodes = {}
  held[user] = nodes
  local entries = redis.call('HGETALL', 'duet:user:' .. user)
  for j = 1, #entries, 2 do
    local node, epoch = entries[j], entries[j + 1]
    if leases[node] == nil then leases[node] = redis.call('GET', 'duet:lease:' .. node) end
    if leases[node] == epoch then nodes[#nodes + 1] = node end
  end
  return nodes
end
"""
"""Lua: a function that gives the live nodes that hold a user, for scripts that need it."""

_WHERE = Script(
    NODES_OF
    + """
local places = {}
for i, user in ipairs(ARGV) do places[i] = table.concat(nodes_of(user), ',') end
return table.concat(places, ';')
"""
)


def stream_of(node: str) -> str:
    """The Redis key of a node's stream."""
    return f"duet:stream:{node}"


class Directory:
    """Reads: where users are held."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def nodes_of(self, users: Iterable[int]) -> dict[int, list[str]]:
        """The live nodes that hold each user; users held nowhere (and, while Redis is away, all) are left out."""
        wanted = list(dict.fromkeys(users))
        found: dict[int, list[str]] = {}
        for start in range(0, len(wanted), _MAX_USERS_A_CALL):
            part = wanted[start : start + _MAX_USERS_A_CALL]
            answer = await self._redis.attempt(partial(self._ask, part), b"")
            for user, nodes in zip(part, answer.decode().split(";"), strict=False):
                if nodes:
                    found[user] = nodes.split(",")
        return found

    async def _ask(self, users: list[int], _: aioredis.Redis) -> bytes:
        answer: bytes = await _WHERE.run(self._redis.pipe, *users)
        return answer

    async def online(self, users: Iterable[int]) -> set[int]:
        """Which of these users a live node holds."""
        return set(await self.nodes_of(users))


class Membership:
    """Writes: one node's own users. Local state is the truth; Redis is made to follow."""

    def __init__(self, redis: Redis, node: str) -> None:
        self._redis = redis
        self._node = node
        self._epoch = uuid4().hex
        self.users: set[int] = set()

    async def join(self, *users: int) -> None:
        """This node holds these users from now on."""
        self.users.update(users)
        await self._redis.attempt(lambda _: self._write(users), None)

    async def leave(self, *users: int) -> None:
        """This node holds these users no more."""
        self.users.difference_update(users)
        await self._redis.attempt(lambda _: self._erase(users), None)

    async def keep(self) -> None:
        """Renews the lease for ever; a lost one means that everything is written again."""
        renewals = 0
        while True:
            held = await self._redis.attempt(self._renew, None)
            renewals = renewals + 1 if held else 0
            if held is not None and (not held or renewals % _REWRITE_EVERY == 0):
                await self._redis.attempt(lambda _: self._write(self.users.copy()), None)
            await asyncio.sleep(_RENEW_S)

    async def resign(self) -> None:
        """Gives the lease up, so that nobody here counts as online."""
        await self._redis.attempt(lambda commands: commands.delete(f"duet:lease:{self._node}"), 0)

    async def _renew(self, commands: aioredis.Redis) -> bool:
        """Whether the lease was still ours."""
        key = f"duet:lease:{self._node}"
        before = await commands.set(key, self._epoch, px=LEASE_MS, get=True)
        return before == self._epoch.encode()

    async def _erase(self, users: Iterable[int]) -> None:
        await self._redis.pipe.ask(*(("HDEL", f"duet:user:{user}", self._node) for user in users))

    async def _write(self, users: Iterable[int]) -> None:
        wanted = list(users)
        for start in range(0, len(wanted), _MAX_USERS_A_CALL):
            keys = [f"duet:user:{user}" for user in wanted[start : start + _MAX_USERS_A_CALL]]
            await self._redis.pipe.ask(
                *(("HSET", key, self._node, self._epoch) for key in keys),
                *(("EXPIRE", key, _ENTRY_TTL_S) for key in keys),
            )
