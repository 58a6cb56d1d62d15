"""The log of one thread as its members read it."""

from collections.abc import Sequence

from services.threads.frames import Event, Members, delivery, frame, message
from services.threads.pages import newest, oldest, window
from services.threads.people import People
from services.threads.queries import history
from services.threads.queries.history import NEWEST, Page
from shared.plumbing.identity import User
from shared.plumbing.keyed_semaphore import KeyedSemaphore
from shared.plumbing.postgres import Database
from shared.wire.http import Events, EventsQuery, Messages, MessagesQuery
from shared.wire.log import Deliveries, DeliveriesAfter
from shared.wire.problems import FieldError, Invalid, NotFound

_PAGES_AT_ONCE = 4
"""Of one person: a page that is being read and written takes a megabyte or two."""


class History:
    """Pages of messages, the log itself, and the log as deliveries."""

    def __init__(self, database: Database, people: People) -> None:
        self._database = database
        self._people = people
        self._pages = KeyedSemaphore(_PAGES_AT_ONCE)

    async def messages(self, user: User, peer_name: str, query: MessagesQuery) -> Messages:
        """Raises NotFound (unknown or own name), Invalid (two anchors)."""
        anchors = [name for name in ("before", "after", "around") if getattr(query, name) is not None]
        if len(anchors) > 1:
            raise Invalid([FieldError(f"?{anchors[1]}", f"cannot go with {anchors[0]}")])
        members = await self.members(user, peer_name)
        async with self._pages.of(user.id):
            page = await self._messages(members, query)
        if page is None:
            return Messages([], 0, 0, more=False)
        shown = _shown(page.events, query)
        messages = [message(event, members, user.id) for event in shown]
        return Messages(messages, page.head, page.read(user.id), more=len(shown) < len(page.events))

    async def events(self, user: User, peer_name: str, query: EventsQuery) -> Events:
        """Raises NotFound (unknown or own name)."""
        members = await self.members(user, peer_name)
        async with self._pages.of(user.id), self._database.connection() as conn:
            page = await history.log_after(conn, (members.low, members.high), query.after, query.limit)
        if page is None:
            return Events([], 0)
        shown = oldest(page.events, query.limit)
        return Events([frame(event, members, user.id) for event in shown], page.head)

    async def deliveries(self, asked: DeliveriesAfter) -> Deliveries:
        """Raises NotFound for a thread that does not exist."""
        async with self._database.connection() as conn:
            page = await history.log_by_id(conn, asked.thread, asked.after, asked.limit)
        if page is None:
            raise NotFound("There is no such thread")
        low, high = page.pair
        names = await self._people.names(page.pair)
        members = Members(low, high, names[low], names[high])
        shown = oldest(page.events, asked.limit)
        return Deliveries([delivery(event, asked.thread, members) for event in shown], page.head)

    async def members(self, user: User, peer_name: str) -> Members:
        """The members of the thread with `name`. Raises NotFound for an unknown name and for one's own."""
        peer = await self._people.id(peer_name)
        if peer == user.id:
            raise NotFound("That is you")
        return Members.of(user.id, user.username, peer, peer_name)

    async def _messages(self, members: Members, query: MessagesQuery) -> Page | None:
        """One more on each side than is asked for, so that it is known whether there are more."""
        pair, limit = (members.low, members.high), query.limit + 1
        async with self._database.connection() as conn:
            if query.after is not None:
                return await history.messages_after(conn, pair, query.after, limit)
            if query.around is not None:
                return await history.messages_around(conn, pair, query.around, limit)
            before = NEWEST if query.before is None else query.before
            return await history.messages_before(conn, pair, before, limit)


def _shown(events: Sequence[Event], query: MessagesQuery) -> list[Event]:
    if query.after is not None:
        return oldest(events, query.limit)
    if query.around is not None:
        return window(events, query.around, query.limit)
    return newest(events, query.limit)
