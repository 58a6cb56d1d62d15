"""The log of one thread as its members read it."""

from collections.abc import Sequence

from services.threads import moments
from services.threads.frames import Current, Members, delivery, frame, message, written
from services.threads.pages import fitting, newest, oldest, window
from services.threads.people import People
from services.threads.queries import history
from services.threads.queries.history import NEWEST, LogPage, Page
from services.threads.shards import Shards
from shared.plumbing.identity import User
from shared.plumbing.limits.keyed_semaphore import KeyedSemaphore
from shared.wire import codec
from shared.wire.changes import Edit
from shared.wire.http import Events, EventsQuery, MessageHistory, Messages, MessagesQuery, PastText
from shared.wire.log_calls import CurrentText, Deliveries, DeliveriesAfter, TextOf
from shared.wire.messages import MESSAGE
from shared.wire.problems import Ahead, FieldError, Gone, Invalid, NotAMessage, NotFound

_PAGES_AT_ONCE = 4
"""Of one person: a page that is being read and written takes a megabyte or two."""


class History:
    """Pages of messages, the log itself, and the log as deliveries."""

    def __init__(self, shards: Shards, people: People) -> None:
        self._shards = shards
        self._people = people
        self._pages = KeyedSemaphore(_PAGES_AT_ONCE)

    async def messages(self, user: User, peer_name: str, query: MessagesQuery) -> Messages:
        """Raises NotFound (unknown or own name), Invalid (two anchors, no date)."""
        anchors = [name for name in ("before", "after", "around", "at") if getattr(query, name) is not None]
        if len(anchors) > 1:
            raise Invalid([FieldError(f"?{anchors[1]}", f"cannot go with {anchors[0]}")])
        members = await self.members(user, peer_name)
        async with self._pages.of(user.id):
            page = await self._messages(members, query)
        if page is None:
            return Messages([], 0, 0, more=False)
        shown = _shown(page.messages, query)
        return Messages(
            [message(one, members, user.id) for one in shown],
            page.thread.head,
            page.thread.read(user.id),
            more=len(shown) < len(page.messages),
            quoted=[message(one, members, user.id) for one in _quoted(page, shown)],
        )

    async def texts(self, user: User, peer_name: str, seq: int) -> MessageHistory:
        """Raises NotFound (unknown or own name), Ahead, NotAMessage, Gone."""
        members = await self.members(user, peer_name)
        shard = self._shards.of(members.pair)
        async with self._pages.of(user.id), shard.connection() as conn:
            head, told = await history.texts(conn, members.pair, seq)
        at_fault = [FieldError("{seq}", "is no message with a text in this thread")]
        if seq > head:
            raise Ahead(errors=at_fault)
        if not told or told[0].kind != MESSAGE:
            raise NotAMessage(errors=at_fault)
        if told[0].deleted_at:
            raise Gone(errors=at_fault)
        return MessageHistory(
            [
                PastText(
                    one.body if one.kind == MESSAGE else codec.decode(one.body, Edit).text, one.created_at
                )
                for one in told
            ]
        )

    async def events(self, user: User, peer_name: str, query: EventsQuery) -> Events:
        """Raises NotFound (unknown or own name)."""
        members = await self.members(user, peer_name)
        shard = self._shards.of(members.pair)
        async with self._pages.of(user.id), shard.connection() as conn:
            page = await history.log_after(conn, members.pair, query.after, query.limit)
        if page is None:
            return Events([], 0)
        shown = oldest(page.events, query.limit)
        return Events([frame(event, members, user.id) for event in shown], page.thread.head)

    async def deliveries(self, asked: DeliveriesAfter) -> Deliveries:
        """Raises NotFound for a thread that does not exist."""
        page: LogPage | None = None
        of = ""
        for shard in self._shards.where((asked.low, asked.high)):
            async with shard.connection() as conn:
                page = await history.log_by_id(conn, asked.thread, asked.after, asked.limit)
                of = self._shards.log_with({shard.place: conn.log})
            if page is not None:
                break
        if page is None:
            raise NotFound("There is no such thread")
        low, high = page.thread.pair
        names = await self._people.names(page.thread.pair)
        members = Members(low, high, names[low], names[high])
        shown = oldest(page.events, asked.limit)
        return Deliveries([delivery(event, asked.thread, members) for event in shown], page.thread.head, of)

    async def text_of(self, asked: TextOf) -> CurrentText:
        """Raises NotFound for what is no message."""
        answers = await self._shards.ask_all(lambda conn: history.text_of(conn, asked.thread, asked.seq))
        said = next(filter(None, answers), None)
        if said is None:
            raise NotFound("There is no such message")
        names, peer = await self._people.names(said.pair), sum(said.pair) - said.sender
        return CurrentText(
            said.sender, names[said.sender], peer, names[peer], said.text, said.of, said.previewed
        )

    async def members(self, user: User, peer_name: str) -> Members:
        """The members of the thread with `name`. Raises NotFound for an unknown name and for one's own."""
        peer = await self._people.id(peer_name)
        if peer == user.id:
            raise NotFound("That is you")
        return Members.of(user.id, user.username, peer, peer_name)

    async def _messages(self, members: Members, query: MessagesQuery) -> Page | None:
        """One more on each side than is asked for, so that it is known whether there are more."""
        pair, limit = members.pair, query.limit + 1
        at = None if query.at is None else moments.parse(query.at)
        async with self._shards.of(pair).connection() as conn:
            if query.after is not None:
                return await history.messages_after(conn, pair, query.after, limit)
            if query.around is not None:
                return await history.messages_around(conn, pair, query.around, limit)
            if at is not None:
                return await history.messages_at(conn, pair, at, limit)
            before = NEWEST if query.before is None else query.before
            return await history.messages_before(conn, pair, before, limit)


def _shown(messages: Sequence[Current], query: MessagesQuery) -> list[Current]:
    if query.after is not None or query.at is not None:
        return oldest(messages, query.limit)
    if query.around is not None:
        return window(messages, query.around, query.limit)
    return newest(messages, query.limit)


def _quoted(page: Page, shown: Sequence[Current]) -> list[Current]:
    """What those shown answer and is not shown itself, as far as it fits into the page with them."""
    known = {one.seq: one for one in (*page.quoted, *page.messages)}
    wanted = {one.target for one in shown if one.target} - {one.seq for one in shown}
    quoted = [known[seq] for seq in sorted(wanted & known.keys())]
    texts = [written(one) for one in shown]
    return quoted[: fitting([*texts, *(written(one) for one in quoted)]) - len(texts)] if quoted else []
