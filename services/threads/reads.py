"""Read positions: how far each member has read."""

from collections.abc import Sequence

from services.threads.frames import Members, read_notices
from services.threads.hints import Hints
from services.threads.people import People
from services.threads.queries import appends
from services.threads.queries.appends import Pair
from shared.plumbing.postgres import Database
from shared.wire.log import Notice, ReadMark


class Reads:
    """Moves read positions, and tells both members when one has really risen."""

    def __init__(self, database: Database, people: People, hints: Hints) -> None:
        self._database = database
        self._people = people
        self._hints = hints

    async def mark(self, node: str, marks: Sequence[ReadMark]) -> list[Notice]:
        """The notices of what rose, for the asking `node`'s own users; other nodes get hints.

        Ignores marks in threads that do not exist, and names that nobody has.
        """
        for mark in marks:
            self._people.learn(mark.user, mark.user_name)
        ids = await self._people.ids({mark.peer for mark in marks})
        threads: dict[Pair, Members] = {}
        furthest: dict[Pair, tuple[int, int]] = {}
        for mark in marks:
            peer = ids.get(mark.peer)
            if peer is None or peer == mark.user:
                continue
            members = Members.of(mark.user, mark.user_name, peer, mark.peer)
            pair = (members.low, members.high)
            threads[pair] = members
            low, high = furthest.get(pair, (0, 0))
            furthest[pair] = (
                (max(low, mark.seq), high) if mark.user == members.low else (low, max(high, mark.seq))
            )
        if not furthest:
            return []
        async with self._database.connection() as conn:
            risen = await appends.mark_read(conn, furthest)
        notices = [notice for one in risen for notice in read_notices(threads[one.pair], one.reader, one.seq)]
        self._hints.offer(node, notices=notices)
        return notices
