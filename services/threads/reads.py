"""Read positions: how far each member has read, and how far a device of theirs holds the thread."""

from collections.abc import Sequence
from functools import partial

from services.threads.asking import all_or_some
from services.threads.frames import Members, notices_of, state_notice
from services.threads.hints import Hints
from services.threads.member_states import shown
from services.threads.pages import MAX_PAGE_BYTES
from services.threads.people import People
from services.threads.queries import appends, member_states
from services.threads.queries.appends import Pair, Risen, Said
from services.threads.queries.member_states import Found
from services.threads.shards import Shard, Shards, itself, pair_of
from shared.wire.accounts import NOTHING
from shared.wire.link import ReadMark
from shared.wire.log import Notice


class Reads:
    """Moves positions, and tells both members when one has really risen.

    Who has read what they had marked unread is told that this has ended.
    """

    def __init__(self, shards: Shards, people: People, hints: Hints) -> None:
        self._shards = shards
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
        risen: list[Risen] = []
        states: list[Found] = []
        for its_risen, its_states in await all_or_some(
            [
                partial(self._marked, shard, {pair: said[pair] for pair in pairs}, of)
                for shard, pairs in self._shards.split(said, itself)
            ]
        ):
            risen += its_risen
            states += its_states
        visible = await self._visible([one.pair for one in risen if one.read])
        notices = [
            notice
            for one in risen
            for notice in notices_of(
                threads[one.pair], one.member, one.read, one.delivered, shown=one.pair in visible
            )
        ] + [state_notice(threads[pair_of(*one.own)], one.own[0], shown(one)) for one in states]
        self._hints.offer(node, notices=notices)
        return notices

    async def _marked(self, shard: Shard, said: dict[Pair, Said], of: str) -> tuple[list[Risen], list[Found]]:
        """What rose in a shard's threads, and the states of those who had marked one unread."""
        async with shard.connection() as conn:
            its = self._shards.log_with({shard.place: conn.log})
            if of and its and of != its:
                return [], []
            risen = await appends.mark(conn, said)
            ended = [(one.member, sum(one.pair) - one.member) for one in risen if one.ended]
            return risen, await member_states.of(conn, ended, MAX_PAGE_BYTES) if ended else []

    async def _visible(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Those whose members both show what they have read. Of whom it is not known, nothing is told.

        No question to PostgreSQL, and one to auth where profiles are older than 4 s.
        """
        seeing = await self._people.seeing({user for pair in pairs for user in pair})
        return {pair for pair in pairs if all(seeing.get(user, NOTHING).read_receipts for user in pair)}
