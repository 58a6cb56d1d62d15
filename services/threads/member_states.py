"""What people keep about threads for themselves: drafts, muted, archived, marked unread."""

from datetime import UTC, datetime

import msgspec
from msgspec import UNSET

from services.threads.frames import Members, state_notice
from services.threads.hints import Hints
from services.threads.member_state import Kept, applying, changed
from services.threads.people import People
from services.threads.queries import member_states
from services.threads.queries.member_states import Found
from services.threads.shards import Shard, Shards, pair_of
from shared.plumbing.identity import User
from shared.plumbing.postgres.database import Connection
from shared.wire.http import ChangeState
from shared.wire.member_state import MemberState
from shared.wire.problems import NotFound, OverQuota, Stale

MAX_THREADLESS = 1000
"""Of one person: a thread costs a message, a state of one that is not there would cost nothing."""


class MemberStates:
    """Each person's own. A change is told to their sockets, and to nobody else."""

    def __init__(self, shards: Shards, people: People, hints: Hints) -> None:
        self._shards = shards
        self._people = people
        self._hints = hints

    async def of(self, user: User, peer_name: str) -> MemberState:
        """Raises NotFound (unknown or own name)."""
        peer = await self._peer(user, peer_name)
        async with self._shards.of(pair_of(user.id, peer)).connection() as conn:
            return shown(await member_states.one(conn, (user.id, peer)))

    async def change(self, user: User, peer_name: str, asked: ChangeState) -> MemberState:
        """Raises NotFound (as above), Invalid, Stale, OverQuota; nothing is changed then.

        What is so already may be asked for at any revision: a call without an answer can be made again.
        """
        peer = await self._peer(user, peer_name)
        shard = self._shards.of(pair_of(user.id, peer))
        async with shard.connection() as conn:
            while True:
                found = await member_states.one(conn, (user.id, peer))
                wanted = changed(found.kept, asked, found.last_message or 0)
                if shown(found, wanted) == (now := shown(found)):
                    return now
                if asked.revision not in (UNSET, found.kept.revision):
                    raise Stale(f"The state is at revision {found.kept.revision}")
                await self._check_room(conn, shard, found)
                if await member_states.keep(conn, found, wanted):
                    break
        state = shown(found, msgspec.structs.replace(wanted, revision=found.kept.revision + 1))
        members = Members.of(user.id, user.username, peer, peer_name)
        self._hints.offer("", notices=[state_notice(members, user.id, state)])
        return state

    async def _check_room(self, conn: Connection, shard: Shard, found: Found) -> None:
        """conn: to the shard of the thread. Raises OverQuota."""
        if found.kept.revision or found.last_message is not None:
            return

        async def threadless(most: int) -> int:
            count = await member_states.threadless(conn, found.own[0], most)
            for other in self._shards.others(shard):
                async with other.connection() as its:
                    count += await member_states.threadless(its, found.own[0], most)
            return count

        # In each shard they may be few: then nobody has looked yet which threads have begun since.
        if await threadless(MAX_THREADLESS) >= MAX_THREADLESS and await threadless(0) >= MAX_THREADLESS:
            raise OverQuota(f"You keep something about {MAX_THREADLESS} people with whom you have no thread")

    async def _peer(self, user: User, name: str) -> int:
        peer = await self._people.id(name)
        if peer == user.id:
            raise NotFound("That is you")
        return peer


def shown(found: Found, kept: Kept | None = None) -> MemberState:
    """What applies just now; of `kept`, if that is given, in the place of what was found."""
    return applying(kept or found.kept, found.last_message or 0, datetime.now(UTC))
