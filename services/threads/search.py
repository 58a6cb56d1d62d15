"""Full-text search in the caller's own threads, newest first."""

from datetime import UTC, datetime
from heapq import merge
from itertools import islice

from services.threads import cursors, words
from services.threads.cursors import Cursor
from services.threads.frames import Members, message, written
from services.threads.pages import fitting
from services.threads.people import People
from services.threads.queries import heads, search
from services.threads.queries.search import Hit
from services.threads.shards import Shards, pair_of
from shared.plumbing.identity import User
from shared.plumbing.limits.keyed_semaphore import KeyedSemaphore
from shared.wire.http import Found, SearchQuery
from shared.wire.ids import MAX_SEQ, fold
from shared.wire.problems import FieldError, Invalid, NotFound

_PAGES_AT_ONCE = 2
"""Of one person."""

_NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), MAX_SEQ, MAX_SEQ)


class Search:
    """Pages of messages that were found."""

    def __init__(self, shards: Shards, people: People) -> None:
        self._shards = shards
        self._people = people
        self._pages = KeyedSemaphore(_PAGES_AT_ONCE)

    async def page(self, user: User, query: SearchQuery) -> Found:
        """Raises NotFound (`with` is nobody, or oneself), Invalid (a cursor that was never given out)."""
        peer = None if query.with_ is None else await self._peer(user, fold(query.with_))
        last = cursors.parse(query.cursor) if query.cursor else None
        wanted = words.query(query.q, user.id)
        if not wanted:
            return Found([], None)
        last_peer = None if last is None else await self._cursor_peer(last)
        async with self._pages.of(user.id):
            thread = None if peer is None else await self._thread(user.id, peer)
            if peer is not None and thread is None:
                return Found([], None)
            before = _NEWEST
            if last is not None and last_peer is not None:
                before = (last.at, await self._thread(user.id, last_peer) or 0, last.seq)
            hits = await self._hits(user.id, wanted, peer, thread, before, query.limit + 1)
        shown = hits[: fitting([written(hit.message) for hit in hits[: query.limit]])]
        return await self._found(user, shown, more=len(hits) > len(shown))

    async def _found(self, user: User, hits: list[Hit], *, more: bool) -> Found:
        names = await self._people.names({hit.low + hit.high - user.id for hit in hits})
        messages = []
        for hit in hits:
            peer = hit.low + hit.high - user.id
            members = Members.of(user.id, user.username, peer, names[peer])
            messages.append(message(hit.message, members, user.id))
        if not more:
            return Found(messages, None)
        last = hits[-1].message
        return Found(messages, Cursor(last.created_at, messages[-1].thread, last.seq).text())

    async def _hits(
        self,
        user: int,
        wanted: str,
        peer: int | None,
        thread: int | None,
        before: tuple[datetime, int, int],
        limit: int,
    ) -> list[Hit]:
        """As `search.find`: in the thread with `peer`, if that is given, or in all."""
        if peer is not None:
            async with self._shards.of(pair_of(user, peer)).connection() as conn:
                return await search.find(conn, user, wanted, thread, before, limit)
        pages = await self._shards.ask_all(lambda conn: search.find(conn, user, wanted, None, before, limit))
        return list(islice(merge(*pages, key=_newest, reverse=True), limit))

    async def _thread(self, user: int, peer: int) -> int | None:
        pair = pair_of(user, peer)
        async with self._shards.of(pair).connection() as conn:
            thread, _ = (await heads.of_pairs(conn, [pair])).get(pair, (None, 0))
        return thread

    async def _peer(self, user: User, name: str) -> int:
        peer = await self._people.id(name)
        if peer == user.id:
            raise NotFound("That is you")
        return peer

    async def _cursor_peer(self, cursor: Cursor) -> int:
        try:
            return await self._people.id(cursor.peer)
        except NotFound:
            raise Invalid([FieldError("?cursor", "is not a cursor of this list")]) from None


def _newest(hit: Hit) -> tuple[datetime, int, int]:
    return hit.message.created_at, hit.thread, hit.message.seq
