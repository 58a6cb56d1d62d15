"""Which relay nodes hold which users, in Redis.

A node has a lease (5 s) with its epoch, and writes that epoch into one hash a user. An entry counts while its
node's lease holds the same epoch, so what a dead node left behind is ignored.
"""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

from shared.plumbing.redis import cluster_directory
from shared.plumbing.redis.client import Redis
from shared.plumbing.redis.script import Script

LEASE_MS = 5000
_RENEW_S = 1.5
_REWRITE_EVERY = 20  # renewals, so 30 s
ENTRY_TTL_S = 120
MAX_USERS_A_CALL = 1000

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

# ARGV: node, epoch, lease in ms. The epoch that held the lease before. duet:lives: every life, by its last renewal.
_RENEW = Script(
    """
local time = redis.call('TIME')
redis.call('ZADD', 'duet:lives', time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1] .. ' ' .. ARGV[2])
return redis.call('SET', 'duet:lease:' .. ARGV[1], ARGV[2], 'PX', ARGV[3], 'GET')
"""
)

# ARGV: node, epoch, seconds an entry lasts, users. Those that a live node held before.
_JOIN = Script(
    NODES_OF
    + """
local found = {}
for i = 4, #ARGV do
  local key = 'duet:user:' .. ARGV[i]
  if #nodes_of(ARGV[i]) > 0 then table.insert(found, tonumber(ARGV[i])) end
  redis.call('HSET', key, ARGV[1], ARGV[2])
  redis.call('EXPIRE', key, ARGV[3])
end
return found
"""
)

# ARGV: node, users. Those that another live node holds.
_LEAVE = Script(
    NODES_OF
    + """
local found = {}
for i = 2, #ARGV do
  redis.call('HDEL', 'duet:user:' .. ARGV[i], ARGV[1])
  if #nodes_of(ARGV[i]) > 0 then table.insert(found, tonumber(ARGV[i])) end
end
return found
"""
)

# ARGV: how many ms a life is remembered. For each: node and epoch, whether it holds its lease, ms since its renewal.
_LIVES = Script(
    """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', 'duet:lives', '-inf', now - ARGV[1])
local lives, found = redis.call('ZRANGE', 'duet:lives', 0, -1, 'WITHSCORES'), {}
for i = 1, #lives, 2 do
  local node, epoch = string.match(lives[i], '^(%S+) (%S+)$')
  table.insert(found, lives[i])
  table.insert(found, redis.call('GET', 'duet:lease:' .. node) == epoch and 1 or 0)
  table.insert(found, now - lives[i + 1])
end
return found
"""
)

# ARGV: node, epoch, users. Those with an entry of that epoch, each with how many live nodes hold them.
_HELD_BY = Script(
    NODES_OF
    + """
local found = {}
for i = 3, #ARGV do
  if redis.call('HGET', 'duet:user:' .. ARGV[i], ARGV[1]) == ARGV[2] then
    table.insert(found, tonumber(ARGV[i]))
    table.insert(found, #nodes_of(ARGV[i]))
  end
end
return found
"""
)


class Life(NamedTuple):
    """One life of a node: from its start to its end it has one epoch."""

    node: str
    epoch: str


class Hold(NamedTuple):
    """held: whether a life holds its lease. over_s: how long ago the lease that it took last ran out."""

    held: bool
    over_s: float


def stream_of(node: str) -> str:
    """The Redis key of a node's stream."""
    return f"duet:stream:{node}"


class Directory:
    """Reads: where users are held."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def nodes_of(self, users: Iterable[int]) -> dict[int, list[str]]:
        """The live nodes that hold each user. Users held nowhere are left out; while Redis is away, all are."""
        wanted = list(dict.fromkeys(users))
        found: dict[int, list[str]] = {}
        for start in range(0, len(wanted), MAX_USERS_A_CALL):
            part = wanted[start : start + MAX_USERS_A_CALL]
            nowhere: dict[int, list[str]] = {}
            found |= await self._redis.attempt(partial(self._ask, part), nowhere)
        return found

    async def _ask(self, users: list[int]) -> dict[int, list[str]]:
        if await self._redis.hot.clustered():
            return await cluster_directory.nodes_of(self._redis, users, exactly=True)
        answer: bytes = await _WHERE.run(self._redis.hot, *users)
        places = zip(users, answer.decode().split(";"), strict=True)
        return {user: nodes.split(",") for user, nodes in places if nodes}

    async def online(self, users: Iterable[int]) -> set[int]:
        """Which of these users a live node holds."""
        return set(await self.nodes_of(users))

    async def lives(self) -> dict[Life, Hold] | None:
        """Every life of the last two minutes. None: Redis is away."""
        answer = await self._redis.attempt(self._lives, None)
        if answer is None:
            return None
        fields = iter(answer)
        return {
            Life(*name.decode().split()): Hold(bool(held), (renewed_ms - LEASE_MS) / 1000)
            for name, held, renewed_ms in zip(fields, fields, fields, strict=True)
        }

    async def _lives(self) -> list[Any]:
        if await self._redis.hot.clustered():
            return await cluster_directory.lives(self._redis, 1000 * ENTRY_TTL_S)
        answer: list[Any] = await _LIVES.run(self._redis.hot, 1000 * ENTRY_TTL_S)
        return answer

    async def held_by(self, life: Life, users: Iterable[int]) -> dict[int, bool] | None:
        """Which of these users (at most 1000) that life holds, or held when it ended, and whether they are online now.

        None: Redis is away.
        """
        numbers = await self._redis.attempt(partial(self._held_by, life, list(users)), None)
        if numbers is None:
            return None
        fields = iter(numbers)
        return {user: nodes > 0 for user, nodes in zip(fields, fields, strict=True)}

    async def _held_by(self, life: Life, users: list[int]) -> list[int]:
        if await self._redis.hot.clustered():
            return await cluster_directory.held_by(self._redis, life.node, life.epoch, users)
        numbers: list[int] = await _HELD_BY.run(self._redis.hot, life.node, life.epoch, *users)
        return numbers


class Membership:
    """Writes: one node's own users. The state here is the truth; Redis is brought in line with it."""

    def __init__(self, redis: Redis, node: str) -> None:
        self._redis = redis
        self._node = node
        self._epoch = uuid4().hex
        self._gone: set[int] = set()  # left, but perhaps still in Redis
        self._behind = False  # Redis does not have everything that is here
        self.users: set[int] = set()

    async def join(self, *users: int) -> set[int]:
        """This node holds these users from now on. → those whom a live node held before.

        Looking and writing are one step: of nodes that somebody comes to at once, the first finds them nowhere.
        """
        self.users.update(users)
        self._gone.difference_update(users)
        held = await self._redis.attempt(lambda: self._join(users), None)
        if held is None:
            self._behind = True
        return held or set()

    async def leave(self, *users: int) -> set[int] | None:
        """This node no longer holds these users. → those whom another live node does. None: Redis is away.

        In one step, too: of nodes that somebody leaves at once, the last finds them nowhere.
        """
        self.users.difference_update(users)
        held = await self._redis.attempt(lambda: self._leave(users), None)
        if held is None:
            self._gone.update(users)
            self._behind = True
        return held

    async def keep(self) -> None:
        """Renews the lease until it is cancelled; after a failed write everything is written again."""
        renewals = 0
        while True:
            held = await self.renew()
            renewals += 1
            if not held or renewals % _REWRITE_EVERY == 0:
                self._behind = True
            if held is not None and self._behind:
                await self._write_all()
            await asyncio.sleep(_RENEW_S)

    async def resign(self) -> None:
        """Gives the lease up, so that nobody here counts as online."""
        await self._redis.attempt(lambda: self._redis.hot.ask(("DEL", f"duet:lease:{self._node}")), [])

    async def renew(self) -> bool | None:
        """Takes the lease for another five seconds; whether it was still ours. None: Redis is away."""
        return await self._redis.attempt(self._renew, None)

    async def _renew(self) -> bool:
        if await self._redis.hot.clustered():
            before = await cluster_directory.renew(self._redis, self._node, self._epoch, LEASE_MS)
        else:
            before = await _RENEW.run(self._redis.hot, self._node, self._epoch, LEASE_MS)
        return bool(before == self._epoch.encode())

    async def _write_all(self) -> None:
        self._behind = False  # first: a join or leave that fails meanwhile says so again
        gone, self._gone = self._gone, set()

        async def write() -> bool:
            return await self._erase(gone) and await self._write(self.users.copy())

        if not await self._redis.attempt(write, False):
            self._behind = True
            self._gone |= gone - self.users

    async def _join(self, users: Sequence[int]) -> set[int]:
        held: set[int] = set()
        for start in range(0, len(users), MAX_USERS_A_CALL):
            here = self._here(users[start : start + MAX_USERS_A_CALL])
            if await self._redis.hot.clustered():
                held |= await cluster_directory.join(self._redis, self._node, self._epoch, ENTRY_TTL_S, here)
            else:
                held |= set(await _JOIN.run(self._redis.hot, self._node, self._epoch, ENTRY_TTL_S, *here))
        return held

    async def _leave(self, users: Sequence[int]) -> set[int]:
        held: set[int] = set()
        for start in range(0, len(users), MAX_USERS_A_CALL):
            part = users[start : start + MAX_USERS_A_CALL]
            if await self._redis.hot.clustered():
                held |= await cluster_directory.leave(self._redis, self._node, part)
            else:
                held |= set(await _LEAVE.run(self._redis.hot, self._node, *part))
        return held

    async def _erase(self, users: Iterable[int]) -> bool:
        await self._redis.hot.ask(*(("HDEL", f"duet:user:{user}", self._node) for user in users))
        return True

    async def _write(self, users: Iterable[int]) -> bool:
        wanted = list(users)
        for start in range(0, len(wanted), MAX_USERS_A_CALL):
            keys = [f"duet:user:{user}" for user in self._here(wanted[start : start + MAX_USERS_A_CALL])]
            await self._redis.hot.ask(
                *(("HSET", key, self._node, self._epoch) for key in keys),
                *(("EXPIRE", key, ENTRY_TTL_S) for key in keys),
            )
        return True

    def _here(self, users: Iterable[int]) -> list[int]:
        """Those of them who did not leave while an earlier part was being written."""
        return [user for user in users if user in self.users]
