"""What the people here let others see: as they said hello with it, and as auth tells once a second of what changed."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import structlog

from services.relay.delivery.hub import Hub, Member
from services.relay.log.calls import Calls
from services.relay.presence.ephemeral import Ephemeral
from services.relay.transport.framing import text_frame
from shared.plumbing.in_parts import in_parts
from shared.plumbing.redis.directory import MAX_USERS_A_CALL, Directory
from shared.plumbing.tasks import Tasks
from shared.wire import codec
from shared.wire.accounts import NOTHING, Seeing
from shared.wire.frames import PresenceFrame
from shared.wire.problems import Problem

log = structlog.get_logger()


class Settings:
    """Kept with each member, so that a frame is let through or not without asking anybody.

    Each node knows its own people: the sender's node looks at what the sender shows, the receiver's at what that one
    does. Of whom it is not known yet, nothing is shown.
    """

    def __init__(
        self, hub: Hub, calls: Calls, directory: Directory, ephemeral: Ephemeral, tasks: Tasks
    ) -> None:
        self._hub = hub
        self._calls = calls
        self._directory = directory
        self._ephemeral = ephemeral
        self._tasks = tasks
        self._unknown: set[int] = set()
        self._asking = False
        self._telling: set[Member] = set()
        self._heard: dict[int, Seeing] = {}

    def learn(self, user: int, seeing: Seeing | None) -> None:
        """As it was read for a hello: what auth has told meanwhile is newer. None: it could not be read."""
        member = self._hub.members.get(user)
        if member is not None and member.seeing is None:
            member.seeing = seeing or NOTHING
            if seeing is None:
                self._unknown.add(user)

    def told(self, changed: Iterable[tuple[int, Seeing]]) -> None:
        """Takes what was changed in the last 90 s. As auth is there, it can be asked for the unknown ones, too."""
        before, self._heard = self._heard, dict(changed)
        absent = []
        for user, seeing in self._heard.items():
            member = self._hub.members.get(user)
            if member is None and before.get(user) != seeing:
                absent.append(user)
            elif member is not None and member.seeing != seeing:
                self._change(member, seeing)
        for start in range(0, len(absent), MAX_USERS_A_CALL):
            self._tasks.start(self._tell_of(absent[start : start + MAX_USERS_A_CALL]))
        if self._unknown and not self._asking:
            self._asking = True
            self._tasks.start(self._find_out())

    def doubt(self) -> None:
        """Changes may have been missed: auth is asked about everybody here."""
        self._unknown.update(self._hub.members)

    def _change(self, member: Member, seeing: Seeing) -> None:
        before, member.seeing = member.seeing or seeing, seeing
        self._unknown.discard(member.user)
        if before.last_seen is not seeing.last_seen and member not in self._telling:
            self._telling.add(member)
            self._tasks.start(self._tell(member))

    async def _find_out(self) -> None:
        try:
            while self._unknown:
                asked = list(self._unknown)[:MAX_USERS_A_CALL]
                for profile in await self._calls.profiles(asked):
                    member = self._hub.members.get(profile.user)
                    if member is not None and profile.user in self._unknown:
                        self._change(member, profile.seeing)
                self._unknown.difference_update(asked)
        except Problem as problem:
            log.debug("settings are not known", error=repr(problem))
        finally:
            self._asking = False

    async def _tell(self, member: Member) -> None:
        """Who begins or ceases to show when they are here: to the people they have a thread with, and the other way.

        Again once that is done if they have changed their mind meanwhile: one may have 100,000 threads.
        """
        told = None
        try:
            [own] = await self._calls.profiles([member.user])
            while (online := member.shows("last_seen")) is not told:
                told = online
                await self._tell_each(member, _presence(own.username, online=online), online=online)
        except Problem as problem:  # best effort: the next `welcome` says it
            log.debug("a change of settings is not told", error=repr(problem))
        finally:
            self._telling.discard(member)

    async def _tell_of(self, absent: Sequence[int]) -> None:
        """Who is not here, and changed it on a page without a socket: to those here with whom they have a thread."""
        try:
            online = await self._directory.online(absent)  # their own node tells of them
            profiles = await self._calls.profiles([user for user in absent if user not in online])
        except Problem as problem:  # best effort: the next `welcome` says it
            log.debug("a change of settings is not told", error=repr(problem))
            return
        frames = {
            one.user: text_frame(_presence(one.username, online=False, last_seen=one.last_seen))
            for one in profiles
        }
        async for part in in_parts(list(self._hub.members.values())):
            for member in part:
                for user in frames.keys() & member.threads.keys():
                    self._hub.notify(member.user, frames[user], "last_seen")

    async def _tell_each(self, member: Member, frame: bytes, *, online: bool) -> None:
        async for part in in_parts(list(member.threads)):
            if self._hub.members.get(member.user) is not member:
                return
            for peer in part:
                self._ephemeral.post(peer, frame, "last_seen")
            await self._show(member, part, online=online)

    async def _show(self, member: Member, peers: Sequence[int], *, online: bool) -> None:
        """Tells the member who of these people is here, or that it is shown no more."""
        there = await self._directory.online(peers)
        for profile in await self._calls.profiles(list(there)):
            if profile.seeing.last_seen:
                self._hub.notify(member.user, text_frame(_presence(profile.username, online=online)))


def _presence(username: str, *, online: bool, last_seen: datetime | None = None) -> bytes:
    """last_seen: of somebody who is not online; None where it is not shown."""
    return codec.encode(PresenceFrame(username, online, datetime.now(UTC) if online else last_seen))
