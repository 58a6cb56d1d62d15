"""Tells who is here: the directory, the people they have a thread with, and auth (last seen)."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from services.relay.delivery.hub import Hub, Member
from services.relay.log.calls import Calls
from services.relay.metrics import MEMBERS
from services.relay.presence.ephemeral import Ephemeral
from shared.plumbing.in_parts import in_parts
from shared.plumbing.redis.directory import Directory, Membership
from shared.wire import codec
from shared.wire.frames import PresenceFrame
from shared.wire.problems import Problem

GONE_AFTER_S = 1.0
_SEEN_EVERY_S = 1.0
_MAX_SEEN_A_CALL = 1000


class Gone(NamedTuple):
    """Someone whose last connection here ended. peers: who is told."""

    username: str
    peers: tuple[int, ...]
    due: float


class Presence:
    """A user who comes back within a second, here or on another node, counts as never away."""

    def __init__(
        self, hub: Hub, membership: Membership, directory: Directory, notices: Ephemeral, calls: Calls
    ) -> None:
        self._hub = hub
        self._membership = membership
        self._directory = directory
        self._ephemeral = notices
        self._calls = calls
        self._gone: dict[int, Gone] = {}
        self._leaving = asyncio.Lock()
        self._seen: set[int] = set()
        self._telling = asyncio.Lock()
        self._wake = asyncio.Event()

    async def came(self, users: Iterable[int]) -> set[int]:
        """Writes users into the directory; returns those who were not online anywhere until now."""
        new = []
        for user in users:
            self._gone.pop(user, None)
            if user not in self._membership.users:  # one who was leaving may not be there either
                new.append(user)
        if not new:
            return set()
        async with self._leaving:  # a departure that is being written would undo the arrival
            new = [user for user in new if user in self._hub.members]  # nobody would remove the rest
            before = await self._membership.join(*new)
        self._seen.update(new)
        MEMBERS.set(len(self._membership.users))
        return set(new) - before

    async def announce(self, user: int, username: str, peers: Iterable[int], *, online: bool) -> None:
        """Tells these people, some a turn of the loop, unless it is true no more. `user` must show it."""
        frame = codec.encode(PresenceFrame(username, online, datetime.now(UTC)))
        async for part in in_parts(list(peers)):
            if (user in self._hub.members) is not online:
                return
            for peer in part:
                self._ephemeral.post(peer, frame, "last_seen")

    def left(self, member: Member, username: str) -> None:
        """The last connection of a user here has ended."""
        due = asyncio.get_running_loop().time() + GONE_AFTER_S
        peers = tuple(member.threads) if member.shows("last_seen") else ()
        self._gone[member.user] = Gone(username, peers, due)
        self._wake.set()

    def seen(self, users: Iterable[int]) -> None:
        """Notes for auth that these users were here until now."""
        self._seen.update(users)

    async def run(self) -> None:
        """Removes users who stay away from the directory, forever."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._gone:
                await asyncio.sleep(min(gone.due for gone in self._gone.values()) - loop.time())
                async with self._leaving:
                    await self._leave(loop.time())

    async def _leave(self, now: float) -> None:
        due = {user: gone for user, gone in self._gone.items() if gone.due <= now}
        for user in due:
            del self._gone[user]
        users = [user for user in due if user not in self._hub.members]
        still_online = await self._membership.leave(*users)
        self._seen.update(users)
        MEMBERS.set(len(self._membership.users))
        if still_online is None:  # Redis failed there; perhaps it tells now
            still_online = await self._directory.online(users)
        for user in users:
            if user not in still_online:
                await self.announce(user, due[user].username, due[user].peers, online=False)

    async def report(self) -> None:
        """Tells auth who was seen, once a second at most, forever."""
        while True:
            await asyncio.sleep(_SEEN_EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        """Tells auth who was seen since the last time; again later if it does not answer."""
        async with self._telling:
            while self._seen:
                users = list(self._seen)[:_MAX_SEEN_A_CALL]
                self._seen.difference_update(users)
                try:
                    await self._calls.seen(users)
                except Problem:
                    self._seen.update(users)
                    return
