"""What relays ask about threads: heads, names to threads."""

from collections import defaultdict
from collections.abc import Sequence
from heapq import nlargest

from services.threads.people import People
from services.threads.queries import heads
from services.threads.queries.heads import OwnThread
from shared.plumbing.postgres import Database
from shared.wire.accounts import Profile
from shared.wire.frames import MAX_WELCOME_THREADS
from shared.wire.log import Head, HeadsAnswer, Latest, Resolve, Resolved, UserThreads
from shared.wire.problems import Unavailable


class Heads:
    """Threads of users."""

    def __init__(self, database: Database, people: People) -> None:
        self._database = database
        self._people = people

    async def of(self, users: Sequence[int]) -> HeadsAnswer:
        """All heads of each user, and what `welcome` shows of the latest threads."""
        wanted = list(dict.fromkeys(users))
        async with self._database.connection() as conn:
            log = await heads.log_id(conn)
            rows = await heads.threads_of(conn, wanted)
        of_user: defaultdict[int, list[OwnThread]] = defaultdict(list)
        for row in rows:
            of_user[row.user].append(row)
        latest = {
            user: nlargest(MAX_WELCOME_THREADS, threads, key=lambda thread: (thread.last_at, thread.peer))
            for user, threads in of_user.items()
        }
        peers = {thread.peer for threads in latest.values() for thread in threads}
        profiles = await self._people.profiles(peers)
        return HeadsAnswer(
            str(log),
            [
                UserThreads(
                    user,
                    [Head(row.thread, row.low, row.high, row.head) for row in of_user[user]],
                    [
                        _latest(row, profiles[row.peer])
                        for row in latest.get(user, ())
                        if row.peer in profiles
                    ],
                )
                for user in wanted
            ],
        )

    async def resolve(self, asked: Resolve) -> list[Resolved]:
        """One answer for each name, in order. Raises Unavailable if auth is needed for a name and away."""
        ids = await self._people.ids(asked.peers)
        if len(ids) < len(set(asked.peers)):
            raise Unavailable("The names cannot be looked up just now")
        peers = {name: peer for name, peer in ids.items() if peer is not None and peer != asked.user}
        pairs = {peer: (min(peer, asked.user), max(peer, asked.user)) for peer in peers.values()}
        async with self._database.connection() as conn:
            found = await heads.of_pairs(conn, list(pairs.values()))
        return [
            Resolved(name, peer, *found.get(pairs[peer], (None, 0)))
            if (peer := peers.get(name)) is not None
            else Resolved(name)
            for name in asked.peers
        ]


def _latest(row: OwnThread, profile: Profile) -> Latest:
    return Latest(
        row.thread,
        row.peer,
        profile.username,
        profile.display_name,
        profile.last_seen,
        row.head,
        row.read,
        row.peer_read,
    )
