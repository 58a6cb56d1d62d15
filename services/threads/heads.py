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
from services.threads.queries.appends import Pair
from services.threads.queries.heads import OwnThread, Record
from services.threads.queries.member_states import Found, Own
from services.threads.shards import Shards, itself, pair_of
from shared.plumbing.in_parts import in_parts
from shared.plumbing.postgres.database import Connection
from shared.wire.accounts import NOTHING, Profile, Seeing
from shared.wire.frames import MAX_WELCOME_THREADS
from shared.wire.log import Head
from shared.wire.log_calls import HeadsAnswer, Latest, Resolve, Resolved, ResolvedThreads, UserThreads
from shared.wire.member_state import MemberState
from shared.wire.problems import Unavailable

log = structlog.get_logger()


class Heads:
    """Threads of users."""

    def __init__(self, shards: Shards, people: People) -> None:
        self._shards = shards
        self._people = people

    async def of(self, users: Sequence[int], log_id: str = "", beyond: Sequence[Head] = ()) -> HeadsAnswer:
        """All heads of each user, and what `welcome` shows of the latest threads. log_id, beyond: as in HeadsOf."""
        wanted = list(dict.fromkeys(users))
        if beyond:
            await self._renew_if_beyond(log_id, beyond)

        async def question(conn: Connection) -> tuple[str, Sequence[Record]]:
            return str(await heads.log_id(conn)), await heads.threads_of(conn, wanted)

        answers = await self._shards.ask_all(question)
        found_log = self._shards.log_of([its for its, _ in answers])
        of_user, latest = await by_user([row for _, rows in answers for row in rows])
        states = await self._states(latest)
        peers = {thread.peer for threads in latest.values() for thread in threads}
        profiles, seeing = await asyncio.gather(self._people.profiles(peers), self._people.seeing(wanted))
        return HeadsAnswer(
            found_log,
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

    async def _renew_if_beyond(self, log_id: str, beyond: Sequence[Head]) -> None:
        """beyond: heads of the log of this id. A shard that has not all of them has lost a part of its own."""
        if log_id != self._shards.log:
            return
        for shard, told in self._shards.split(beyond, lambda head: (head.low, head.high)):
            async with shard.connection() as conn:
                its = conn.log or await heads.log_id(conn)
                gone = await servers.renew_if_beyond(conn, str(its), told)
            if gone:
                log.error("a part of the log is gone", log=log_id, shard=shard.number, beyond=told[:3])
                await shard.database.reconnect()

    async def _states(self, latest: Mapping[int, Sequence[OwnThread]]) -> dict[Own, MemberState]:
        """What each keeps about these threads; of one person the first ones whose drafts fit into a page."""
        owns = [(user, thread.peer) for user, threads in latest.items() for thread in threads]
        found: dict[Own, Found] = {}
        for shard, its in self._shards.split(owns, lambda own: pair_of(*own)):
            async for part in in_parts(its):
                async with shard.connection() as conn:
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
        pairs = {peer: pair_of(peer, asked.user) for peer in peers.values()}
        found: dict[Pair, tuple[int, int]] = {}
        logs: dict[int, str] = {}
        for shard, its in self._shards.split(pairs.values(), itself):
            async with shard.connection() as conn:
                found.update(await heads.of_pairs(conn, its))
                logs[shard.place] = conn.log
        of = self._shards.log_with(logs)
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
