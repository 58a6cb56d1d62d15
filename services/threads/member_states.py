"""What people keep about threads for themselves: drafts, muted, archived, marked unread."""

from datetime import UTC, datetime
from functools import partial

import msgspec
from msgspec import UNSET

from services.threads.asking import answers
from services.threads.frames import Members, state_notice
from services.threads.hints import Hints
from services.threads.member_state import Kept, applying, changed
from services.threads.people import People
from services.threads.queries import member_states
from services.threads.queries.member_states import Found, Own
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
        own, shard = (user.id, peer), self._shards.of(pair_of(user.id, peer))
        elsewhere = 0 if self._shards.alone else None
        while True:
            async with shard.connection() as conn:
                done = await self._changed(conn, own, asked, elsewhere)
            if done is not None:
                break
            elsewhere = await self._threadless_elsewhere(user.id, shard)
        state, is_new = done
        if is_new:
            members = Members.of(user.id, user.username, peer, peer_name)
            self._hints.offer("", notices=[state_notice(members, user.id, state)])
        return state

    async def _changed(
        self, conn: Connection, own: Own, asked: ChangeState, elsewhere: int | None
    ) -> tuple[MemberState, bool] | None:
        """The state, and whether it is another than before. Raises as `change`.

        elsewhere: how many of theirs, without a thread, other shards hold. None: it is not known, and had to be.
        """
        while True:
            found = await member_states.one(conn, own)
            wanted = changed(found.kept, asked, found.last_message or 0)
            if shown(found, wanted) == (now := shown(found)):
                return now, False
            if asked.revision not in (UNSET, found.kept.revision):
                raise Stale(f"The state is at revision {found.kept.revision}")
            if not found.kept.revision and found.last_message is None:
                if elsewhere is None:
                    return None
                room = MAX_THREADLESS - elsewhere
                if await member_states.threadless(conn, own[0], room) >= room:
                    raise OverQuota(
                        f"You keep something about {MAX_THREADLESS} people with whom you have no thread"
                    )
            if await member_states.keep(conn, found, wanted):
                return shown(found, msgspec.structs.replace(wanted, revision=found.kept.revision + 1)), True

    async def _threadless_elsewhere(self, owner: int, shard: Shard) -> int:
        """Those of threads that have begun since are taken out. What is away holds none, for now."""
        counts = await answers([partial(_threadless, other, owner) for other in self._shards.others(shard)])
        return sum(counts)

    async def _peer(self, user: User, name: str) -> int:
        peer = await self._people.id(name)
        if peer == user.id:
            raise NotFound("That is you")
        return peer


def shown(found: Found, kept: Kept | None = None) -> MemberState:
    """What applies just now; of `kept`, if that is given, in the place of what was found."""
    return applying(kept or found.kept, found.last_message or 0, datetime.now(UTC))


async def _threadless(shard: Shard, owner: int) -> int:
    async with shard.connection() as conn:
        return await member_states.threadless(conn, owner, 0)
