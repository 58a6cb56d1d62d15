"""Read positions: how far each member has read, and how far a device of theirs holds the thread."""

from collections.abc import Sequence

from services.threads.frames import Members, notices_of, state_notice
from services.threads.hints import Hints
from services.threads.member_states import shown
from services.threads.pages import MAX_PAGE_BYTES
from services.threads.people import People
from services.threads.queries import appends, member_states
from services.threads.queries.appends import Pair, Said
from services.threads.queries.member_states import Own
from shared.plumbing.postgres.database import Database
from shared.wire.accounts import NOTHING
from shared.wire.link import ReadMark
from shared.wire.log import Notice


class Reads:
    """Moves positions, and tells both members when one has really risen.

    Who has read what they had marked unread is told that this has ended.
    """

    def __init__(self, database: Database, people: People, hints: Hints) -> None:
        self._database = database
        self._people = people
        self._hints = hints

    async def mark(self, node: str, marks: Sequence[ReadMark], of: str = "") -> list[Notice]:
        """The notices of what rose, for the asking `node`'s own users; other nodes get hints.

        Ignores marks in threads that do not exist, names that nobody has, and all if the log is not `of` any more ("":
        not known): a seq may be another message's now.
        """
        for mark in marks:
            self._people.learn(mark.user, mark.user_name)
        ids = await self._people.ids({mark.peer for mark in marks})
        threads: dict[Pair, Members] = {}
        said: dict[Pair, Said] = {}
        for mark in marks:
            peer = ids.get(mark.peer)
            if peer is None or peer == mark.user:
                continue
            members = Members.of(mark.user, mark.user_name, peer, mark.peer)
            pair = (members.low, members.high)
            threads[pair] = members
            said.setdefault(pair, Said()).hear(
                low=mark.user == members.low, read=mark.seq, delivered=mark.delivered
            )
        if not said:
            return []
        async with self._database.connection() as conn:
            if of and conn.log and of != conn.log:
                return []
            risen = await appends.mark(conn, said)
            ended: dict[Own, Pair] = {
                (one.member, sum(one.pair) - one.member): one.pair for one in risen if one.ended
            }
            states = await member_states.of(conn, list(ended), MAX_PAGE_BYTES) if ended else []
        visible = await self._visible([one.pair for one in risen if one.read])
        notices = [
            notice
            for one in risen
            for notice in notices_of(
                threads[one.pair], one.member, one.read, one.delivered, shown=one.pair in visible
            )
        ] + [state_notice(threads[ended[one.own]], one.own[0], shown(one)) for one in states]
        self._hints.offer(node, notices=notices)
        return notices

    async def _visible(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Those whose members both show what they have read. Of whom it is not known, nothing is told.

        No question to PostgreSQL, and one to auth where profiles are older than 4 s.
        """
        seeing = await self._people.seeing({user for pair in pairs for user in pair})
        return {pair for pair in pairs if all(seeing.get(user, NOTHING).read_receipts for user in pair)}
