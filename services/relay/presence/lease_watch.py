"""Watches for nodes that died silently: when their lease ends, their users go offline for the people here."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import structlog

from services.relay.delivery.hub import Hub
from services.relay.log.calls import Calls
from services.relay.presence.presence import Presence
from services.relay.transport.framing import text_frame
from shared.plumbing.redis.directory import LEASE_MS, MAX_USERS_A_CALL, Directory, Life
from shared.wire import codec
from shared.wire.frames import PresenceFrame
from shared.wire.problems import Problem

_LOOK_EVERY_S = 1.0
log = structlog.get_logger()


class LeaseWatch:
    """Every node looks for itself and tells only its own connections.

    A node that was only frozen may take its lease again; its users are then online again.
    """

    def __init__(self, node: str, hub: Hub, directory: Directory, presence: Presence, calls: Calls) -> None:
        self._node = node
        self._hub = hub
        self._directory = directory
        self._presence = presence
        self._calls = calls
        self._began = self._trust_from = time.monotonic()
        self._over: set[Life] = set()

    async def run(self) -> None:
        """Looks once a second, forever."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            await self._look(time.monotonic())

    async def _look(self, now: float) -> None:
        lives = await self._directory.lives()
        if lives is None:  # nobody can renew a lease now, so one that runs out says nothing about its node
            self._trust_from = now + LEASE_MS / 1000
        if lives is None or now < self._trust_from:
            return
        self._over &= lives.keys()
        for life, (held, over_s) in lives.items():
            # A node that is started again at once takes another lease; the old one counts until it would have ended,
            # which gives those who were there the time to come back. What ended before we began misleads nobody here.
            ended = not held and 0 <= over_s < now - self._began
            if life.node == self._node or ended is (life in self._over) or not (held or ended):
                continue
            if await self._tell(life, online=held):
                self._over ^= {life}

    async def _tell(self, life: Life, *, online: bool) -> bool:
        """Tells everybody here about the users of that life of a node. False if it has to be done again."""
        for part in self._peers():
            held = await self._directory.held_by(life, part)
            if held is None:
                return False
            changed = [user for user, is_online in held.items() if is_online is online]
            try:
                profiles = await self._calls.profiles(changed)
            except Problem:
                return False
            self._presence.seen(changed)
            for profile in profiles:
                if profile.seeing.last_seen:
                    self._announce(profile.username, part[profile.user], online=online)
        log.info("a lease is held again" if online else "a lease has ended", **life._asdict())
        return True

    def _peers(self) -> Iterator[dict[int, list[int]]]:
        """The people with whom the users here have a thread, at most 1000 at a time, and which users those are."""
        part: defaultdict[int, list[int]] = defaultdict(list)
        for member in list(self._hub.members.values()):
            for peer in list(member.threads):
                part[peer].append(member.user)
                if len(part) == MAX_USERS_A_CALL:
                    yield part
                    part = defaultdict(list)
        if part:
            yield part

    def _announce(self, name: str, members: Iterable[int], *, online: bool) -> None:
        frame = text_frame(codec.encode(PresenceFrame(name, online, datetime.now(UTC))))
        for member in members:
            self._hub.notify(member, frame, "last_seen")
