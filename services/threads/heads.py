"""What relays ask about threads: heads, names to threads."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import nlargest

import structlog

from services.threads.member_states import shown
from services.threads.pages import MAX_PAGE_BYTES, fitting
from services.threads.people import People
from services.threads.queries import heads, member_states, servers
from services.threads.queries.heads import OwnThread, Record
from services.threads.queries.member_states import Found, Own
from shared.plumbing.in_parts import in_parts
from shared.plumbing.postgres.database import Database
from shared.wire.accounts import NOTHING, Profile, Seeing
from shared.wire.frames import MAX_WELCOME_THREADS
from shared.wire.log import Head
from shared.wire.log_calls import HeadsAnswer, Latest, Resolve, Resolved, ResolvedThreads, UserThreads
from shared.wire.member_state import MemberState
from shared.wire.problems import Unavailable

log = structlog.get_logger()


class Heads:
    """Threads of users."""

    def __init__(self, database: Database, people: People) -> None:
        self._database = database
        self._people = people

    async def of(self, users: Sequence[int], log_id: str = "", beyond: Sequence[Head] = ()) -> HeadsAnswer:
        """All heads of each user, and what `welcome` shows of the latest threads. log_id, beyond: as in HeadsOf."""
        wanted = list(dict.fromkeys(users))
        async with self._database.connection() as conn:
            if beyond and await servers.renew_if_beyond(conn, log_id, beyond):
                log.error("a part of the log is gone", log=log_id, beyond=beyond[:3])
            found_log = await heads.log_id(conn)
            rows = await heads.threads_of(conn, wanted)
        of_user, latest = await by_user(rows)
        states = await self._states(latest)
        peers = {thread.peer for threads in latest.values() for thread in threads}
        profiles, seeing = await asyncio.gather(self._people.profiles(peers), self._people.seeing(wanted))
        return HeadsAnswer(
            str(found_log),
            [
                UserThreads(
                    user,
                    of_user[user],
                    [
                        _latest(
                            row,
                            profiles[row.peer],
                            seeing.get(user, NOTHING),
                            states.get((user, row.peer)),
                        )
                        for row in latest[user]
                        if row.peer in profiles
                    ],
                    seeing.get(user),
                )
                for user in wanted
            ],
        )

    async def _states(self, latest: Mapping[int, Sequence[OwnThread]]) -> dict[Own, MemberState]:
        """What each keeps about these threads; of one person the first ones whose drafts fit into a page."""
        owns = [(user, thread.peer) for user, threads in latest.items() for thread in threads]
        found: dict[Own, Found] = {}
        async for part in in_parts(owns):
            async with self._database.connection() as conn:
                found.update((one.own, one) for one in await member_states.of(conn, part, MAX_PAGE_BYTES))
        told: dict[Own, MemberState] = {}
        for user, threads in latest.items():
            kept = [one for thread in threads if (one := found.get((user, thread.peer)))]
            fit = fitting([one.kept.draft or "" for one in kept])
            told.update((one.own, shown(one)) for one in kept[:fit])
        return told

    async def resolve(self, asked: Resolve) -> ResolvedThreads:
        """One answer for each name, in order. Raises Unavailable if auth is needed for a name and away."""
        ids = await self._people.ids(asked.peers)
        if len(ids) < len(set(asked.peers)):
            raise Unavailable("The names cannot be looked up just now")
        peers = {name: peer for name, peer in ids.items() if peer is not None and peer != asked.user}
        pairs = {peer: (min(peer, asked.user), max(peer, asked.user)) for peer in peers.values()}
        async with self._database.connection() as conn:
            found, of = await heads.of_pairs(conn, list(pairs.values())), conn.log
        threads = [
            Resolved(name, peer, *found.get(pairs[peer], (None, 0)))
            if (peer := peers.get(name)) is not None
            else Resolved(name)
            for name in asked.peers
        ]
        return ResolvedThreads(threads, of)


async def by_user(
    rows: Sequence[Record],
) -> tuple[defaultdict[int, list[Head]], defaultdict[int, list[OwnThread]]]:
    """The heads of each user, and their latest threads, newest first; some rows a turn of the loop."""
    found: defaultdict[int, list[Head]] = defaultdict(list)
    latest: defaultdict[int, list[OwnThread]] = defaultdict(list)
    async for part in in_parts(rows):
        for row in part:
            thread = OwnThread(*row)
            found[thread.user].append(Head(thread.thread, thread.low, thread.high, thread.head))
            latest[thread.user].append(thread)
        for user, threads in latest.items():
            if len(threads) > MAX_WELCOME_THREADS:
                latest[user] = nlargest(MAX_WELCOME_THREADS, threads, key=_newest)
    for threads in latest.values():
        threads.sort(key=_newest, reverse=True)
    return found, latest


def _newest(thread: OwnThread) -> tuple[datetime, int]:
    return thread.last_at, thread.peer


def _latest(row: OwnThread, profile: Profile, own: Seeing, state: MemberState | None) -> Latest:
    here = own.last_seen and profile.seeing.last_seen
    return Latest(
        row.thread,
        row.peer,
        profile.username,
        profile.display_name,
        profile.last_seen if here else None,
        row.head,
        row.read,
        row.peer_read if own.read_receipts and profile.seeing.read_receipts else 0,
        delivered=row.delivered,
        peer_delivered=row.peer_delivered,
        state=state,
        here=here,
    )
